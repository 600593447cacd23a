// What the viewer chose: language, theme, and who he acts as. The address wins, then what was kept,
// then the browser. public/theme.js does the same before the first paint.

import { reactive, watchEffect } from 'vue';
import { type Key, type Params, either, translate } from '../i18n/words';
import type { Lang } from '../text/time';

export type Theme = 'auto' | 'light' | 'dark';

function kept(key: string): string | null {
  try {
    return localStorage.getItem(`duliang.${key}`);
  } catch {
    return null; // storage is closed to us: the choice lasts as long as the page
  }
}
export function keep(key: string, value: string): void {
  try {
    localStorage.setItem(`duliang.${key}`, value);
  } catch {
    // as above
  }
}

const query = new URLSearchParams(location.search);
const oneOf = <T extends string>(value: string | null, all: readonly T[]): T | null =>
  all.find((v) => v === value) ?? null;

export const settings = reactive({
  lang: (oneOf(query.get('lang'), ['zh', 'en']) ?? oneOf(kept('lang'), ['zh', 'en']) ??
    (/^zh/i.test(navigator.language) ? 'zh' : 'en')) as Lang,
  theme: (oneOf(query.get('theme'), ['light', 'dark', 'auto']) ?? oneOf(kept('theme'), ['light', 'dark', 'auto']) ??
    'auto') as Theme,
  actor: kept('actor'),
  dark: false, // what is shown
});

const system = matchMedia('(prefers-color-scheme: dark)');
const show = (): void => {
  settings.dark = settings.theme === 'dark' || (settings.theme === 'auto' && system.matches);
};
system.addEventListener('change', show);

watchEffect(() => {
  show();
  const root = document.documentElement;
  root.dataset.theme = settings.dark ? 'dark' : 'light';
  root.dataset.lang = settings.lang;
  root.lang = settings.lang === 'zh' ? 'zh-CN' : 'en';
}, { flush: 'sync' });

/** Sets a query parameter of the address, or takes it out, without a new entry in the history. */
export function setQuery(changes: Record<string, string | number | null>): void {
  const next = new URLSearchParams(location.search);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null) next.delete(key);
    else next.set(key, String(value));
  }
  const text = next.toString();
  history.replaceState(null, '', text ? `?${text}` : location.pathname);
}

export function chooseLang(lang: Lang): void {
  settings.lang = lang;
  keep('lang', lang);
  if (query.has('lang')) setQuery({ lang });
}
export function chooseTheme(theme: Theme): void {
  settings.theme = theme;
  keep('theme', theme);
  if (query.has('theme')) setQuery({ theme });
}
export function chooseActor(key: string): void {
  settings.actor = key;
  keep('actor', key);
}

export const t = (key: Key, params?: Params): string => translate(settings.lang, key, params);

/** The name, title or role of something that came from the server, in the viewer's language. */
export const named = (it?: { name?: string | null; nameEn?: string | null } | null): string =>
  either(settings.lang, it?.name, it?.nameEn);
export const titled = (it?: { title?: string | null; titleEn?: string | null } | null): string =>
  either(settings.lang, it?.title, it?.titleEn);
export const inLang = (words?: { zh: string; en: string } | null): string => either(settings.lang, words?.zh, words?.en);
