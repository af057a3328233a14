/**
 * SQL: whether `->` can read a json column. Data of clients and of remote services may hold `\u0000` or half a surrogate
 * pair: json keeps them, but `->` fails over the whole document, wherever they are in it. Where this is false, the document
 * is read as it is.
 */
export function isReadable(column: string): string {
  return `(strpos(${column}::text, '\\u0000') = 0 AND strpos(${column}::text, '\\ud') = 0)`;
}
