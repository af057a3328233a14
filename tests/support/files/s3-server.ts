import { createHash, createHmac } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";

export interface S3Server {
  readonly endpoint: string;
  /** By key. */
  readonly objects: ReadonlyMap<string, Buffer>;
  close(): void;
}

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** What a file store asks of S3: one bucket, addressed by path, for who signs with the key. Bodies are taken as they come. */
export async function startS3Server(bucket: string, credentials: Credentials): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const server = createServer(async (request, response) => {
    const body = await buffer(request);
    const [, name, key] = /^\/([^/]+)\/?(.*)$/.exec(pathOf(request)) ?? [];
    if (!isSigned(request, body, credentials)) refuse(response, 403, "SignatureDoesNotMatch");
    else if (name !== bucket) refuse(response, 404, "NoSuchBucket");
    else if (key === undefined || key === "") response.end();
    else serveObject(objects, decodeURIComponent(key), request, response, body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}

function serveObject(
  objects: Map<string, Buffer>,
  key: string,
  { method, headers }: IncomingMessage,
  response: ServerResponse,
  body: Buffer,
): void {
  if (method === "PUT") {
    objects.set(key, body);
    response.end();
  } else if (method === "DELETE") {
    objects.delete(key);
    response.writeHead(204).end();
  } else {
    const content = objects.get(key);
    if (content === undefined) refuse(response, 404, "NoSuchKey");
    else send(response, content, headers.range, method === "HEAD");
  }
}

function send(response: ServerResponse, content: Buffer, range: string | undefined, headOnly: boolean): void {
  const [, from = "0", to = ""] = /^bytes=(\d+)-(\d*)$/.exec(range ?? "") ?? [];
  const start = Number(from);
  const part = content.subarray(start, to === "" ? undefined : Number(to) + 1);
  response.writeHead(range === undefined ? 200 : 206, {
    "content-length": part.length,
    ...(range !== undefined && {
      "content-range": `bytes ${start}-${start + part.length - 1}/${content.length}`,
    }),
  });
  response.end(headOnly ? undefined : part);
}

function refuse(response: ServerResponse, status: number, code: string): void {
  response.writeHead(status, { "content-type": "application/xml" }).end(`<Error><Code>${code}</Code></Error>`);
}

const pathOf = (request: IncomingMessage): string => request.url!.split("?", 1)[0]!;
const sha256 = (data: Buffer | string): string => createHash("sha256").update(data).digest("hex");
const hmac = (key: Buffer | string, data: string): Buffer => createHmac("sha256", key).update(data).digest();

/** AWS Signature Version 4, of the whole request. */
function isSigned(request: IncomingMessage, body: Buffer, { accessKeyId, secretAccessKey }: Credentials): boolean {
  const { authorization = "", "x-amz-content-sha256": bodyHash, "x-amz-date": at } = request.headers;
  const fields = /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\S+), SignedHeaders=(\S+), Signature=(\S+)$/.exec(
    authorization,
  );
  if (!fields || (bodyHash !== "UNSIGNED-PAYLOAD" && bodyHash !== sha256(body))) return false;
  const [, id, scope, names, signature] = fields as unknown as [string, string, string, string, string];
  const query = (request.url!.split("?", 2)[1] ?? "").split("&").sort().join("&");
  const headers = names.split(";").map((name) => `${name}:${request.headers[name]}\n`);
  const canonical = [request.method, pathOf(request), query, headers.join(""), names, bodyHash].join("\n");
  const key = scope.split("/").reduce((secret: Buffer | string, part) => hmac(secret, part), `AWS4${secretAccessKey}`);
  const expected = hmac(key, ["AWS4-HMAC-SHA256", at, scope, sha256(canonical)].join("\n")).toString("hex");
  return id === accessKeyId && signature === expected;
}
