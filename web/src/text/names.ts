// Short forms of the names of places, as they stand on a map.

/** "Huilong" of "Huilong Town", "Liangping" of "Liangping District". */
export function shortName(english: string): string {
  const words = english.trim().split(/\s+/);
  return words.length > 1 ? words.slice(0, -1).join(' ') : english;
}

/** What a rule is about: its title is that of its alarms, "{station}: high water", of which the place is left out. */
export function ruleName(title: string): string {
  return title.replace(/\{\w+\}/g, '').replace(/^[\s:：,，]+|[\s:：,，]+$/g, '') || title;
}

/** 回龙 of 回龙镇: without the kind that the name ends with. */
export function shortNameZh(name: string, kind?: string | null): string {
  return kind && name.endsWith(kind) && name.length > kind.length ? name.slice(0, -kind.length) : name;
}
