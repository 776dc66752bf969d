/** A token that says who somebody is and is signed by nobody: for a fault server, which takes any. */
export function createFakeToken(
  userId: string,
  claims: Readonly<Record<string, unknown>> = {},
): string {
  const encode = (value: unknown): string => {
    const bytes = new TextEncoder().encode(JSON.stringify(value));
    const base64 = btoa(String.fromCharCode(...bytes));
    return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };
  return `${encode({ alg: "none" })}.${encode({ sub: userId, ...claims })}.unsigned`;
}
