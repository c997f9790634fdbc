import { defineConfig } from "vite";

// One script and one style sheet, which `repix explain --page` puts into its pages.
export default defineConfig({
  build: {
    outDir: "../src/repix/report/web",
    emptyOutDir: true,
    lib: { entry: "src/stepper/main.tsx", formats: ["iife"], name: "repixStepper", fileName: () => "stepper.js", cssFileName: "stepper" },
  },
  define: { "process.env.NODE_ENV": '"production"' },
});
