/** Somebody who sells what models write, and is reached with a key. */
export interface HostedProvider {
  /** The first part of an author's id. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  readonly keyVariable: string;
  readonly baseUrlVariable: string;
  readonly modelVariable: string;
  readonly baseUrl: string;
  /** Written with when no model is named. Where there is none, one has to be named. */
  readonly defaultModel?: string | undefined;
  /** How it is spoken to; OpenAI's own interface only at its own address. */
  readonly speaks: "openai" | "anthropic" | "chat-completions";
}

const named = (id: string, name: string, baseUrl: string): HostedProvider => {
  const prefix = id.toUpperCase();
  return {
    id,
    name,
    keyVariable: `${prefix}_API_KEY`,
    baseUrlVariable: `${prefix}_BASE_URL`,
    modelVariable: `${prefix}_MODEL`,
    baseUrl,
    speaks: "chat-completions",
  };
};

/** In the order in which their keys are looked for. */
export const hostedProviders: readonly HostedProvider[] = Object.freeze([
  {
    ...named("openai", "OpenAI", "https://api.openai.com/v1"),
    defaultModel: "gpt-5-mini",
    speaks: "openai",
  },
  {
    ...named("anthropic", "Anthropic", "https://api.anthropic.com/v1"),
    defaultModel: "claude-sonnet-5",
    speaks: "anthropic",
  },
  named("openrouter", "OpenRouter", "https://openrouter.ai/api/v1"),
  named("gemini", "Google Gemini", "https://generativelanguage.googleapis.com/v1beta/openai"),
  named("mistral", "Mistral", "https://api.mistral.ai/v1"),
  named("groq", "Groq", "https://api.groq.com/openai/v1"),
  named("deepseek", "DeepSeek", "https://api.deepseek.com/v1"),
]);

export function hostedProvider(id: string): HostedProvider | undefined {
  return hostedProviders.find((provider) => provider.id === id);
}
