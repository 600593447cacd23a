// The page's own words: two tables with equal keys, and one function. Names, titles and reasons that
// packs bring come in both languages from the server and are picked by `either`.

import en from './en.json';
import zh from './zh.json';
import type { Lang } from '../text/time';

export type Key = keyof typeof zh;
export type Params = Record<string, string | number>;

const tables: Record<Lang, Record<Key, string>> = { zh, en };

export function translate(lang: Lang, key: Key, params: Params = {}): string {
  return tables[lang][key].replace(/\{(\w+)\}/g, (_, name: string) => String(params[name] ?? ''));
}

export function either(lang: Lang, zhText?: string | null, enText?: string | null): string {
  return (lang === 'zh' ? zhText || enText : enText || zhText) ?? '';
}
