// TypeScript wants a declaration of what is imported for its effect, too.
// oxlint-disable-next-line unicorn/require-module-specifiers -- a stylesheet exports nothing
export {};
