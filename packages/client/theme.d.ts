// TypeScript wants a declaration of what is imported for its effect, too.
export {};
