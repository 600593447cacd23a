import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import en from './en.json';
import { either, translate } from './words';
import zh from './zh.json';

const root = join(__dirname, '..');
const files = (readdirSync(root, { recursive: true }) as string[])
  .filter((f) => /\.(vue|ts)$/.test(f) && !f.endsWith('.test.ts'))
  .map((f) => [f, readFileSync(join(root, f), 'utf8')] as const);
const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();

describe('the words of the page', () => {
  it('has the same keys in both languages, none empty', () => {
    expect(Object.keys(en)).toEqual(Object.keys(zh));
    for (const text of [...Object.values(zh), ...Object.values(en)]) expect(text).not.toBe('');
  });
  it('has the same places to fill in both', () => {
    for (const key of Object.keys(zh) as (keyof typeof zh)[]) expect(holes(en[key]), key).toEqual(holes(zh[key]));
  });
  it('keeps to the words of the look: no please, no success, no exclamation mark', () => {
    for (const text of Object.values(en)) expect(text).not.toMatch(/please|success|!/i);
    for (const text of Object.values(zh)) expect(text).not.toMatch(/请|成功|！/);
  });
  it('has every word that a file asks for, and asks for every word that it has', () => {
    const all = files.map(([, text]) => text).join('\n');
    for (const [file, text] of files) {
      for (const [, key] of text.matchAll(/\bt\(\s*'([\w.]+)'/g)) expect(zh, `${file}: ${key}`).toHaveProperty([key!]);
    }
    const stems = [...all.matchAll(/`([\w.]+\.)\$\{/g)].map(([, stem]) => stem!);
    for (const key of Object.keys(zh)) {
      const used = all.includes(`'${key}'`) || stems.some((stem) => key.startsWith(stem));
      expect(used, `nobody says ${key}`).toBe(true);
    }
  });
  it('has no Chinese outside the tables', () => {
    for (const [file, text] of files) {
      const words = text.replace(/\/\/.*|\/\*[\s\S]*?\*\//g, '').replace(/都梁 Duliang/g, '');
      if (!/text\/time\.ts$|i18n\//.test(file)) expect(words.match(/[\u4e00-\u9fff]+/)?.[0], file).toBeUndefined();
    }
  });
  it('fills in, and falls back to the language that there is', () => {
    expect(translate('en', 'top.stations', { n: 11, all: 12 })).toBe('11/12 stations');
    expect(translate('zh', 'case.alarm', { id: 7 })).toBe('告警 A-7');
    expect(either('en', '水位', null)).toBe('水位');
    expect(either('zh', '', 'level')).toBe('level');
  });
});
