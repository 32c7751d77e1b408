// Builds what the server carries: the pages, and the map as one file that shops embed. The same sources make the same bytes, so
// that a check can build again and compare. `node build.mjs DIR` builds to another place; `--no-types`
// leaves out the types.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
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

// The types that shops may rely on: what the element's file declares, and what that takes from others, as one file.
async function declareTypes() {
  const declared = await mkdtemp(resolve(tmpdir(), 'flashtix-types-'));
  try {
    const compiler = resolve(root, 'node_modules/.bin/tsc');
    await promisify(execFile)(compiler, ['--project', root, '--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', declared], { cwd: root });
    const files = await Promise.all(['api/types', 'model/basket-state', 'map/element'].map((name) => readFile(resolve(declared, `src/${name}.d.ts`), 'utf8')));
    const joined = files.map((text) => text.replaceAll(/^import .*\n/gm, '').replaceAll(/^export \{\};\n/gm, '').trim()).join('\n\n');
    await writeFile(resolve(outDir, 'flashtix-map.d.ts'), `${joined}\n`);
  } finally {
    await rm(declared, { recursive: true });
  }
}
if (!process.argv.includes('--no-types')) await declareTypes();
