/** Measurements and pictures are no tests: they are made on request, `npm run frames`, `npm run pictures`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['tests/browser/*.measure.ts'] } });
