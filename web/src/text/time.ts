// Times in words. The district's clock is China's, which has one zone and no summer time; the viewer's
// own zone plays no part: a time on this page is the time on the wall of the operations centre.

export type Lang = 'zh' | 'en';

const ZONE_MS = 8 * 3600_000;
const MINUTE = 60_000;
const HOUR = 3600_000;
const DAY = 86_400_000;

const pad = (n: number): string => String(n).padStart(2, '0');
const local = (ms: number): Date => new Date(ms + ZONE_MS);
const dayOf = (ms: number): number => Math.floor((ms + ZONE_MS) / DAY);

/** Milliseconds of an ISO time; of an interval its start; NaN where there is none. */
export function millis(iso: string | null | undefined): number {
  return iso ? Date.parse(iso.split('/')[0] ?? '') : NaN;
}

export function hm(ms: number): string {
  const d = local(ms);
  return `${pad(d.getUTCHours())}:${pad(d.getUTCMinutes())}`;
}

export function hms(ms: number): string {
  return `${hm(ms)}:${pad(local(ms).getUTCSeconds())}`;
}

const SUPERSCRIPT = '⁰¹²³⁴⁵⁶⁷⁸⁹';

/** 14:32; of another day 23:58⁻¹, as many days back as it was. */
export function hmOn(ms: number, now: number): string {
  if (!Number.isFinite(ms)) return '';
  const back = dayOf(now) - dayOf(ms);
  if (back <= 0) return hm(ms);
  return `${hm(ms)}⁻${[...String(back)].map((c) => SUPERSCRIPT[Number(c)]).join('')}`;
}

const WEEK = {
  zh: ['周日', '周一', '周二', '周三', '周四', '周五', '周六'],
  en: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
} as const;
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const;

export function dateText(ms: number, lang: Lang): string {
  const d = local(ms);
  const week = WEEK[lang][d.getUTCDay()];
  return lang === 'zh'
    ? `${d.getUTCMonth() + 1}月${d.getUTCDate()}日 ${week}`
    : `${week} ${d.getUTCDate()} ${MONTHS[d.getUTCMonth()]}`;
}

/** 11-24 14:32:07, for tables and the proof. */
export function stamp(ms: number): string {
  const d = local(ms);
  return `${pad(d.getUTCMonth() + 1)}-${pad(d.getUTCDate())} ${hms(ms)}`;
}

/** 不到 1 分, 14 分, 1 时 50 分, 3 天 2 时. Never rounded up: what has not passed is not said. */
export function span(ms: number, lang: Lang): string {
  const zh = lang === 'zh';
  const minutes = Math.floor(Math.abs(ms) / MINUTE);
  if (minutes < 1) {
    const seconds = Math.floor(Math.abs(ms) / 1000);
    return zh ? `${seconds} 秒` : `${seconds} s`;
  }
  if (minutes < 60) return zh ? `${minutes} 分` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) {
    const rest = minutes % 60;
    if (rest === 0) return zh ? `${hours} 时` : `${hours} h`;
    return zh ? `${hours} 时 ${rest} 分` : `${hours} h ${rest}`;
  }
  const days = Math.floor(hours / 24);
  const rest = hours % 24;
  if (rest === 0) return zh ? `${days} 天` : `${days} d`;
  return zh ? `${days} 天 ${rest} 时` : `${days} d ${rest} h`;
}

/** The figure of a clock: 23:41, 1:06:20, 3 天 04:10; what is over counts up with a plus. */
export function countdown(ms: number, lang: Lang): string {
  const late = ms < 0;
  // Counting down, a begun second still counts; counting up, only a full one does.
  const all = late ? Math.floor(-ms / 1000) : Math.ceil(ms / 1000);
  const s = all % 60;
  const m = Math.floor(all / 60) % 60;
  const h = Math.floor(all / 3600) % 24;
  const d = Math.floor(all / 86_400);
  const sign = late ? '+' : '';
  if (d > 0) return `${sign}${d} ${lang === 'zh' ? '天' : 'd'} ${pad(h)}:${pad(m)}`;
  return h > 0 ? `${sign}${h}:${pad(m)}:${pad(s)}` : `${sign}${pad(m)}:${pad(s)}`;
}

/** Midnight of the district's day, as ISO in UTC. */
export function midnight(now: number): string {
  return new Date(dayOf(now) * DAY - ZONE_MS).toISOString().replace('.000', '');
}

export const units = { MINUTE, HOUR, DAY, ZONE_MS };
