import { requestInvalid } from "./errors.ts";

/** What is wrong with a URL as the target of a request; null when nothing is. */
export function urlProblem(url: URL): string | null {
  if (url.protocol !== "http:" && url.protocol !== "https:") return "must be http or https";
  if (url.username !== "" || url.password !== "") return "must not hold a user name or password; use a header";
  return null;
}

/** Reads the URL of a request. The text is never repeated in the error: it may hold a secret. */
export function parseHttpUrl(text: string): URL {
  const url = URL.parse(text);
  if (!url) throw requestInvalid("url is not a valid URL");
  const problem = urlProblem(url);
  if (problem !== null) throw requestInvalid(`url ${problem}`);
  return url;
}
