// Builds what the server carries: the pages, and the map as one file that shops embed. The same sources make the same bytes, so
// that a check can build again and compare. `node build.mjs DIR` builds to another place.
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { resolve } from 'node:path';
import { build } from 'vite';

const root = fileURLToPath(new URL('.', import.meta.url));
const outDir = resolve(process.argv[2] ?? resolve(root, '../crates/server/assets/dist'));
const shared = { root, configFile: false, logLevel: 'warn' };
const options = { outDir, target: 'es2022', modulePreload: false, assetsInlineLimit: 0, reportCompressedSize: false };

await rm(outDir, { recursive: true, force: true });
// One after the other, so that each page is one script: what two of them share is small, and browsers keep it.
for (const page of ['index.html', 'console.html']) {
  await build({
    ...shared,
    build: {
      ...options,
      emptyOutDir: false,
      rollupOptions: {
        input: resolve(root, page),
        output: { entryFileNames: 'assets/[name].js', chunkFileNames: 'assets/[name].js', assetFileNames: 'assets/[name][extname]' },
      },
    },
  });
}
await build({
  ...shared,
  build: {
    ...options,
    emptyOutDir: false,
    lib: { entry: resolve(root, 'src/map/flashtix-map.ts'), formats: ['es'], fileName: () => 'flashtix-map.js' },
    rollupOptions: { output: { minify: true } },
  },
});
