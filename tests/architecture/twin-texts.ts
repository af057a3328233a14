/** What GraphQL's classes say themselves, and what is said to zod: in the REST face, and where the engine checks. */
const IN_GRAPHQL = /description:\s*"((?:[^"\\]|\\.)*)"/g;
const IN_ZOD = /\.describe\(\s*"((?:[^"\\]|\\.)*)"|^ {2}\w+:\s*"((?:[^"\\]|\\.)*\.)"/gm;

/** Shorter ones are alike by chance: `When it was created.` */
const MIN_WORDS = 6;
const ALIKE = 0.75;

export interface Source {
  readonly path: string;
  readonly text: string;
}

/** Texts of GraphQL that stand elsewhere too, word for word or nearly so: one of them is to be told from the other. */
export function twinTexts(graphql: readonly Source[], others: readonly Source[]): string[] {
  const told = others.flatMap((source) => textsIn(source, IN_ZOD));
  return graphql.flatMap((source) =>
    textsIn(source, IN_GRAPHQL).flatMap((own) => {
      const twin = told.find(({ words }) => likeness(own.words, words) >= ALIKE);
      return twin ? [`${own.path}: ${own.text} — ${twin.path}: ${twin.text}`] : [];
    }),
  );
}

interface Told {
  readonly path: string;
  readonly text: string;
  readonly words: readonly string[];
}

function textsIn({ path, text }: Source, said: RegExp): Told[] {
  const found = [...text.matchAll(said)].map((match) => match[1] ?? match[2] ?? "");
  return found
    .map((one) => ({ path, text: one, words: wordsOf(one) }))
    .filter(({ words }) => words.length >= MIN_WORDS);
}

/** As both faces would spell them: `cronSchedule` is `cron_schedule`. */
function wordsOf(text: string): string[] {
  const snake = text.replaceAll(/[a-z](?=[A-Z][a-z])/g, "$&_").toLowerCase();
  return snake.match(/[a-z0-9_]+/g) ?? [];
}

/** 1: the same words, whatever their order. 0: none in common. */
function likeness(a: readonly string[], b: readonly string[]): number {
  const left = [...b];
  const shared = a.filter((word) => {
    const at = left.indexOf(word);
    if (at >= 0) left.splice(at, 1);
    return at >= 0;
  });
  return (2 * shared.length) / (a.length + b.length);
}
