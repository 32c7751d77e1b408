/** The measurement is no test: it is run on request, `npm run frames`. */
import { defineConfig } from 'vitest/config';

export default defineConfig({ test: { include: ['tests/browser/*.measure.ts'] } });
