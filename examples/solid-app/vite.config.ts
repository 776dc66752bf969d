import { defineConfig } from "vite";
import solid from "vite-plugin-solid";

export default defineConfig({
  plugins: [solid()],
  build: {
    target: "es2023",
    // The policy of server/pages.ts forbids what is inlined.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
  },
});
