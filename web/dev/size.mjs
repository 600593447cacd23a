// What the first page costs over the wire: every file of dist/ that it loads, gzipped. Fails above the
// budget, so that nobody adds a library without noticing.

import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const BUDGET_KIB = 550;
const dist = fileURLToPath(new URL('../dist/', import.meta.url));

let names;
try {
  names = readdirSync(dist, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
} catch {
  console.error('dist/ is missing: run `npm run build` first');
  process.exit(1);
}
let all = 0;
for (const file of names) {
  const path = `${file.parentPath ?? file.path}/${file.name}`;
  const kib = gzipSync(readFileSync(path), { level: 9 }).length / 1024;
  all += kib;
  console.log(`${kib.toFixed(1).padStart(8)} KiB  ${file.name}`);
}
console.log(`${all.toFixed(1).padStart(8)} KiB  first page, gzip (budget ${BUDGET_KIB})`);
process.exit(all > BUDGET_KIB ? 1 : 0);
