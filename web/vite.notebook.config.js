import { defineConfig } from "vite";

// The widget of `repix.studio.show`: one module with its style in it.
export default defineConfig({
  build: {
    outDir: "../src/repix/studio/notebook",
    emptyOutDir: false,
    lib: { entry: "src/notebook/main.tsx", formats: ["es"], fileName: () => "widget.js" },
  },
  define: { "process.env.NODE_ENV": '"production"' },
});
