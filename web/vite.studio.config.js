import { defineConfig } from "vite";

// The page of `repix studio`: one script, one style sheet, and the document that loads them.
export default defineConfig({
  publicDir: "src/studio/public",
  build: {
    outDir: "../src/repix/studio/static",
    emptyOutDir: true,
    lib: { entry: "src/studio/main.tsx", formats: ["iife"], name: "repixStudio", fileName: () => "studio.js", cssFileName: "studio" },
  },
  define: { "process.env.NODE_ENV": '"production"' },
});
