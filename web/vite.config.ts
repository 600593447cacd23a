import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'vitest/config';

// The page is served by the program itself, so in development the doors are behind a proxy: the real
// server or `npm run mock`.
const server = process.env.DULIANG_SERVER ?? 'http://127.0.0.1:8090';
// The server answers its own pages only, so the proxy asks as one of them.
const door = { target: server, changeOrigin: true, headers: { origin: server } };

export default defineConfig({
  plugins: [vue({ features: { optionsAPI: false } })],
  worker: { format: 'es' },
  build: {
    target: ['chrome87', 'firefox85', 'safari14'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1200,
  },
  server: { proxy: { '/city': door, '/v1.1': door } },
  test: { include: ['src/**/*.test.ts'] },
});
