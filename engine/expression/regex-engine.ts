import { RE2JS } from "re2js";

/**
 * What jsonata needs of a regular expression, on RE2: time linear in the text, whatever the pattern.
 * RE2 has no backreferences and no look-around.
 */
export class LinearRegex {
  lastIndex = 0;
  readonly #regex: RE2JS;

  constructor(source: RegExp) {
    const flags = (source.ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (source.multiline ? RE2JS.MULTILINE : 0);
    this.#regex = RE2JS.compile(source.source, flags);
  }

  /** Searches from lastIndex, and moves it behind the match, as a global RegExp does. */
  exec(text: string): RegExpExecArray | null {
    const matcher = this.#regex.matcher(text);
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0;
      return null;
    }
    this.lastIndex = matcher.end();
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? undefined);
    return Object.assign(groups as [string, ...string[]], { index: matcher.start(), input: text });
  }
}

/** At most as many as RE2 makes of it: a counted repetition repeats what stands before it, however long that is. */
export function countNodes({ source }: RegExp): number {
  let repeats = 1;
  for (const [, least, most] of source.matchAll(/\{(\d{1,9})(?:,(\d{0,9}))?\}/g)) repeats += Number(most || least);
  return source.length * repeats;
}

/** Why RE2 does not take the pattern; null when it does. */
export function regexProblem(source: RegExp): string | null {
  try {
    new LinearRegex(source);
    return null;
  } catch {
    return `the regular expression /${source.source}/ cannot be used (look-around and backreferences are not supported)`;
  }
}
