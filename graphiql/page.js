import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createElement } from "react";
import { createRoot } from "react-dom/client";
import "graphiql/style.css";
import "./page.css";

const { protocol, host, pathname } = window.location;
// What is in its Headers editor goes along over both.
const fetcher = createGraphiQLFetcher({
  url: pathname,
  subscriptionUrl: `${protocol.replace("http", "ws")}//${host}${pathname}`,
});
const { query, headers } = JSON.parse(document.getElementById("first").textContent);
createRoot(document.getElementById("graphiql")).render(
  createElement(GraphiQL, { fetcher, defaultQuery: query, defaultHeaders: headers }),
);
