// The whole app on one page: who is signed in, which address shows what, and what surrounds every page.
import { InkwireProvider, Toaster } from "@inkwire/client/solid";
import { Route, Router } from "@solidjs/router";
import { Match, Switch, type JSX } from "solid-js";
import { BookPage } from "./pages/Book.tsx";
import { Books } from "./pages/Books.tsx";
import { Desk } from "./pages/Desk.tsx";
import { Inbox } from "./pages/Inbox.tsx";
import { NewBook } from "./pages/NewBook.tsx";
import { NotFound } from "./pages/NotFound.tsx";
import { Reader } from "./pages/Reader.tsx";
import { SignIn } from "./pages/SignIn.tsx";
import { Header } from "./parts/Header.tsx";
import { OfflineNote } from "./parts/OfflineNote.tsx";
import { createSession, SessionContext, useSession } from "./session.ts";

export function App(): JSX.Element {
  const session = createSession();
  return (
    <SessionContext.Provider value={session}>
      {/* It connects with the login and disconnects with it. `storage` lets a reload resume where it was. */}
      <InkwireProvider
        url="/live"
        token={typeof session.user() === "string" ? session.token : undefined}
        user={session.user() ?? undefined}
        storage={sessionStorage}
      >
        <Router root={Frame}>
          <Route path="/" component={Desk} />
          <Route path="/new" component={NewBook} />
          <Route path="/books" component={Books} />
          <Route path="/books/:id" component={BookPage} matchFilters={{ id: /^[1-9]\d{0,14}$/ }} />
          <Route
            path="/books/:id/:chapter"
            component={Reader}
            matchFilters={{ id: /^[1-9]\d{0,14}$/, chapter: /^[1-9]\d{0,3}$/ }}
          />
          <Route path="/inbox" component={Inbox} />
          <Route path="*" component={NotFound} />
        </Router>
      </InkwireProvider>
    </SessionContext.Provider>
  );
}

/** Whoever is not signed in signs in right here, and is then where they wanted to go. */
function Frame(props: { readonly children?: JSX.Element }): JSX.Element {
  const session = useSession();
  return (
    <Switch>
      <Match when={session.user() === null}>
        <SignIn />
      </Match>
      <Match when={session.user()}>
        <a class="skip" href="#main" target="_self">
          Skip to the page
        </a>
        <Header />
        <main id="main" tabindex="-1">
          {props.children}
        </main>
        <OfflineNote />
        <Toaster />
      </Match>
    </Switch>
  );
}
