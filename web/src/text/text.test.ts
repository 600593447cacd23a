import { describe, expect, it } from 'vitest';
import { decimalsOf, figure, withUnit } from './numbers';
import { ruleName, shortName, shortNameZh } from './names';
import { countdown, dateText, hm, hmOn, hms, midnight, millis, span, stamp, units } from './time';

const { MINUTE, HOUR, DAY } = units;
const now = Date.parse('2026-11-24T06:32:07Z'); // 14:32:07 in the district

describe('times of the district, wherever the viewer sits', () => {
  it('reads the wall clock of +08:00', () => {
    expect(hm(now)).toBe('14:32');
    expect(hms(now)).toBe('14:32:07');
    expect(stamp(now)).toBe('11-24 14:32:07');
    expect(dateText(now, 'zh')).toBe('11月24日 周二');
    expect(dateText(now, 'en')).toBe('Tue 24 Nov');
    expect(dateText(Date.parse('2026-11-24T16:00:00Z'), 'en')).toBe('Wed 25 Nov');
  });
  it('marks a time of another day with how many days back', () => {
    expect(hmOn(now - 8 * HOUR, now)).toBe('06:32');
    expect(hmOn(now - 15 * HOUR, now)).toBe('23:32⁻¹');
    expect(hmOn(now - 12 * DAY, now)).toBe('14:32⁻¹²');
    expect(hmOn(NaN, now)).toBe('');
  });
  it('knows the midnight that today began with', () => {
    expect(midnight(now)).toBe('2026-11-23T16:00:00Z');
  });
  it('takes the start of an interval, and nothing for nothing', () => {
    expect(millis('2026-11-24T06:32:07Z/2026-11-24T07:00:00Z')).toBe(now);
    expect(millis(null)).toBeNaN();
  });
  it('says spans without rounding up', () => {
    expect(span(59_999, 'zh')).toBe('59 秒');
    expect(span(14 * MINUTE + 59_000, 'zh')).toBe('14 分');
    expect(span(110 * MINUTE, 'zh')).toBe('1 时 50 分');
    expect(span(110 * MINUTE, 'en')).toBe('1 h 50');
    expect(span(2 * HOUR, 'en')).toBe('2 h');
    expect(span(-12 * MINUTE, 'en')).toBe('12 min');
    expect(span(3 * DAY + 2 * HOUR, 'zh')).toBe('3 天 2 时');
  });
  it('counts down, and up with a plus when it is late', () => {
    expect(countdown(23 * MINUTE + 41_000, 'zh')).toBe('23:41');
    expect(countdown(HOUR + 6 * MINUTE + 20_000, 'zh')).toBe('1:06:20');
    expect(countdown(-(12 * MINUTE + 8_000), 'zh')).toBe('+12:08');
    expect(countdown(500, 'zh')).toBe('00:01');
    expect(countdown(-500, 'zh')).toBe('+00:00');
    expect(countdown(3 * DAY + 4 * HOUR + 10 * MINUTE, 'en')).toBe('3 d 04:10');
  });
});

describe('figures', () => {
  it('has as many decimals as its size bears', () => {
    expect([3.8249, 118.04, 4812.6, 3.8, 0].map((v) => figure(v))).toEqual(['3.82', '118', '4813', '3.8', '0']);
    expect(figure(3.6, 2)).toBe('3.60');
    expect(figure(null)).toBe('–');
    expect(figure('dry')).toBe('dry');
  });
  it('sets letters apart from the figure and signs close to it', () => {
    expect(withUnit('3.82', 'm')).toBe('3.82 m');
    expect(withUnit('96', '%')).toBe('96%');
    expect(withUnit('83.1', '°')).toBe('83.1°');
    expect(withUnit('–', 'm')).toBe('–');
    expect(withUnit('7', null)).toBe('7');
  });
  it('finds the decimals of a run', () => {
    expect(decimalsOf([3, 3.5, 3.25])).toBe(2);
    expect(decimalsOf([110, 98])).toBe(0);
    expect(decimalsOf([125.57, 98.25])).toBe(1);
  });
});

describe('names on the map', () => {
  it('says what a rule is about without the place', () => {
    expect(ruleName('{station}: high water')).toBe('high water');
    expect(ruleName('{station}水位超限')).toBe('水位超限');
    expect(ruleName('{station}')).toBe('{station}');
  });
  it('leaves the kind out', () => {
    expect(shortName("Shi'an Town")).toBe("Shi'an");
    expect(shortName('Huilong')).toBe('Huilong');
    expect(shortNameZh('回龙镇', '镇')).toBe('回龙');
    expect(shortNameZh('镇', '镇')).toBe('镇');
  });
});
