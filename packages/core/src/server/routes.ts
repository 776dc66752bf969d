import type { Books } from "../books/service-types.js";
import type { Notifier } from "../notifications/notifier.js";
import type { Gateway } from "../transports/types.js";
import type { CheckAuthor } from "./allowed-authors.js";
import type { Idempotency } from "./idempotency.js";
import type { JobCounts } from "./job-counts.js";
import { defineRoute, type Route } from "./route.js";
import { announcementRoutes } from "./routes/announcements.js";
import { bookRoutes } from "./routes/books.js";
import { chapterRoutes } from "./routes/chapters.js";
import { eventRoutes } from "./routes/events.js";
import { notificationRoutes } from "./routes/notifications.js";
import { operationRoutes, type OperationRoutesDeps } from "./routes/operations.js";
import { versionRoutes } from "./routes/versions.js";
import { testRoutes, type TestRouteDeps } from "./routes/test-notification.js";

export interface RoutesDeps
  extends Omit<OperationRoutesDeps, "jobs" | "gateway">, Pick<TestRouteDeps, "publish" | "uuid"> {
  readonly basePath: string;
  readonly gateway: Gateway;
  readonly notify: Notifier;
  readonly books:
    | {
        readonly service: Books;
        readonly jobs: JobCounts;
        readonly idempotency: Idempotency;
        readonly checkAuthor: CheckAuthor;
      }
    | undefined;
}

/** Every route of this server, its own description included. */
export function openRoutes(deps: RoutesDeps): readonly Route[] {
  const { gateway, notify, books, bus, basePath, version } = deps;
  const routes: Route[] = [
    ...eventRoutes(gateway),
    ...(books === undefined
      ? []
      : [
          ...bookRoutes({ ...books, books: books.service, basePath }),
          ...versionRoutes(books.service),
          ...chapterRoutes({ books: books.service, head: () => bus.head() }),
        ]),
    ...notificationRoutes(notify.inbox),
    ...announcementRoutes(notify),
    ...testRoutes(deps),
    ...operationRoutes({ ...deps, jobs: books?.jobs }),
  ];
  routes.push(descriptionRoute(() => routes, version, basePath));
  return routes;
}

function descriptionRoute(
  routes: () => readonly Route[],
  version: string,
  basePath: string,
): Route {
  let made: Promise<string> | undefined;
  return defineRoute({
    id: "openapi",
    method: "GET",
    path: "/openapi.json",
    summary: "This description",
    access: "open",
    bucket: "read",
    answers: { 200: { description: "OpenAPI 3.1", media: ["application/json"] } },
    async handle() {
      // Made when it is first asked for: most servers never are.
      made ??= import("./openapi.js").then(({ makeOpenApi }) =>
        JSON.stringify(makeOpenApi(routes(), version, basePath)),
      );
      return {
        status: 200,
        body: await made,
        headers: { "content-type": "application/json; charset=utf-8", "cache-control": "no-cache" },
      };
    },
  });
}
