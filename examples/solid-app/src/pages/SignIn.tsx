import { createSignal, Show, type JSX } from "solid-js";
import { arrive } from "../parts/Page.tsx";
import { useSession } from "../session.ts";

export function SignIn(): JSX.Element {
  const session = useSession();
  const [problem, setProblem] = createSignal<string>();
  const [isBusy, setBusy] = createSignal(false);
  document.title = "Sign in · inkwire";
  let heading!: HTMLHeadingElement;
  let field!: HTMLInputElement;
  // After signing out, or when the session has ended.
  arrive(() => heading);

  async function submit(event: SubmitEvent): Promise<void> {
    event.preventDefault();
    if (isBusy()) return;
    setBusy(true);
    setProblem(await session.signIn(field.value));
    setBusy(false);
    if (problem() !== undefined) field.focus();
  }

  return (
    <main class="sign-in">
      <p class="wordmark">inkwire</p>
      <h1 ref={heading} tabindex="-1">
        Books that you read while they are being written.
      </h1>
      <form onSubmit={(event) => void submit(event)} novalidate>
        <label for="name">Your name</label>
        <div class="line">
          <input
            id="name"
            ref={field}
            autocomplete="username"
            maxlength="40"
            spellcheck={false}
            aria-invalid={problem() !== undefined}
            aria-describedby="name-problem name-note"
          />
          <button class="solid" aria-disabled={isBusy()}>
            Sign in
          </button>
        </div>
        <p class="problem" id="name-problem" role="alert">
          <Show when={problem()}>{problem()}</Show>
        </p>
        <p class="note" id="name-note">
          <b>Development login.</b> It asks for no password, and any name will do. Another name in
          another window is another person.
        </p>
      </form>
    </main>
  );
}
