// Writes ../../internal/locale/names.bin and ../../internal/locale/tables.go from the Unicode data (CLDR) that
// Node carries.
//
//   node tools/locale/generate.mjs
//
// names.bin, integers little-endian:
//   "LKN1"
//   u16 number of locales, u16 number of countries, then the country codes, two letters each, sorted
//   per locale, sorted: code padded with blanks to 8 bytes, u32 position, u32 length
//   texts at these positions, counted from the end of the list, deflated with the English text as dictionary
//   (English itself without one); lines: "unknown", the continents sorted by code, the countries
import { writeFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import * as words from './words.mjs';

// The release decides what things are called; a different one is a decision to take, not an accident.
const CLDR = '48.0';
if (process.versions.cldr !== CLDR) {
  throw new Error(`this Node carries CLDR ${process.versions.cldr}; the tables are made from ${CLDR} (Node 20.20 or a later 20)`);
}

const folder = new URL('../../internal/locale/', import.meta.url);
const names = (tag, type, style = 'long') => {
  const lookup = new Intl.DisplayNames([tag], { type, style, fallback: 'none', languageDisplay: 'standard' });
  return (code) => lookup.of(code);
};
const english = names('en', 'region');

function countryName(locale, tag, code) {
  if (tag === 'en' && words.english[code]) return words.english[code];
  const style = words.short.has(code) ? 'short' : 'long';
  return names(tag, 'region', style)(code) ?? words.english[code] ?? names('en', 'region', style)(code);
}

function text(locale) {
  const tag = words.locales[locale];
  const region = names(tag, 'region');
  const lines = [
    words.unknown[locale],
    ...Object.values(words.continents).map((code) => region(code) ?? english(code)),
    ...words.countries.map((code) => countryName(locale, tag, code)),
  ];
  // Invisible marks for line breaking and direction would make equal names differ. The joiners of Indic
  // scripts stay, they are spelling.
  const clean = lines.map((line) => line.replace(/[\u00ad\u200b\u200e\u200f]/g, '').replaceAll('\u00a0', ' '));
  if (clean.some((line) => !line || line.includes('\n'))) throw new Error(`${locale} lacks a name`);
  return Buffer.from(clean.join('\n'));
}

function writeNames() {
  const locales = Object.keys(words.locales).sort();
  const dictionary = text('en');
  const bodies = locales.map((locale) =>
    deflateRawSync(text(locale), { level: 9, ...(locale === 'en' ? {} : { dictionary }) }));
  const head = Buffer.alloc(8 + 2 * words.countries.length + 16 * locales.length);
  let at = head.write('LKN1');
  at = head.writeUInt16LE(locales.length, at);
  at = head.writeUInt16LE(words.countries.length, at);
  for (const code of words.countries) at += head.write(code, at);
  let position = 0;
  locales.forEach((locale, i) => {
    at += head.write(locale.padEnd(8), at);
    at = head.writeUInt32LE(position, at);
    at = head.writeUInt32LE(bodies[i].length, at);
    position += bodies[i].length;
  });
  const all = Buffer.concat([head, ...bodies]);
  writeFileSync(new URL('names.bin', folder), all);
  console.log(`names.bin: ${all.length} bytes, ${locales.length} locales, ${words.countries.length} countries`);
}

const capital = (word, locale) => {
  const [first, second] = word;
  if (/\p{Script=Georgian}/u.test(first)) return word; // its capitals are for headlines only
  const mixed = second !== undefined && /\p{Lu}/u.test(word.slice(first.length));
  return mixed ? word : first.toLocaleUpperCase(locale) + word.slice(first.length);
};

function languages() {
  const lookup = names('en', 'language');
  return [...words.languages].sort().map((code) => {
    const own = words.nativeNames[code] ??
      (Intl.DisplayNames.supportedLocalesOf(code).length ? names(code, 'language')(code) : undefined);
    const name = words.languageNames[code] ?? lookup(code);
    if (!own || !name) throw new Error(`language ${code} has no name`);
    return { code, name, native: capital(own, code) };
  });
}

const money = (tag, currency, display) =>
  new Intl.NumberFormat(tag, { style: 'currency', currency, currencyDisplay: display });
const part = (format, amount) =>
  format.formatToParts(amount).find(({ type }) => type === 'currency').value.replace(/[\u200e\u200f]/g, '').replaceAll('\u00a0', ' ').trim();

function nativeSymbol(home, code) {
  if (words.nativeSymbols[code]) return words.nativeSymbols[code];
  const narrow = part(money(home, code, 'narrowSymbol'), 2);
  return narrow === code ? part(money(home, code, 'symbol'), 2) : narrow;
}

function currencies() {
  return words.currencies.map(([code, country]) => {
    const home = `${new Intl.Locale(`und-${country}`).maximize().language}-${country}`;
    return {
      code,
      symbol: part(money('en', code, 'symbol'), 2),
      native: nativeSymbol(home, code),
      name: names('en', 'currency')(code),
      plural: part(money('en', code, 'name'), 2),
      digits: money('en', code, 'code').resolvedOptions().maximumFractionDigits,
      rounding: words.rounding[code] ?? 0,
    };
  });
}

function codes() {
  const lookup = names('en', 'language');
  return [...words.codes].sort().map((code) => ({ code, name: words.codeNames[code] ?? lookup(code) }));
}

const quote = (word) => JSON.stringify(word);

function writeTables() {
  const out = [
    '// Code generated by tools/locale from the Unicode CLDR ' + CLDR + '; DO NOT EDIT.',
    '',
    'package locale',
    '',
    '// codes are the accepted locale codes, sorted.',
    'var codes = []Code{',
    ...codes().map(({ code, name }) => `\t{${quote(code)}, ${quote(name)}},`),
    '}',
    '',
    '// languages is ISO 639-1, sorted by code.',
    'var languages = []Language{',
    ...languages().map(({ code, name, native }) => `\t{${quote(name)}, ${quote(code)}, ${quote(native)}},`),
    '}',
    '',
    '// currencies is the money in use (ISO 4217), the three most asked-for first, the rest by code.',
    'var currencies = []Currency{',
    ...currencies().map((c) =>
      `\t{${[quote(c.symbol), quote(c.name), quote(c.native), c.digits, c.rounding, quote(c.code), quote(c.plural)].join(', ')}},`),
    '}',
    '',
  ];
  writeFileSync(new URL('tables.go', folder), out.join('\n'));
  console.log(`tables.go: ${codes().length} codes, ${languages().length} languages, ${words.currencies.length} currencies`);
}

writeNames();
writeTables();
