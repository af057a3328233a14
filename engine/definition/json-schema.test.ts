import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { stubStepTypes } from "../../tests/support/stub-step-types.ts";
import { StoredJson, stringifyStored } from "../large-json/index.ts";
import { definitionJsonSchema, writtenDefinitionSchema } from "./index.ts";

describe("the published JSON Schema", () => {
  const schema = JSON.parse(JSON.stringify(definitionJsonSchema(stubStepTypes)));

  it("is JSON Schema 2020-12 whose references lead somewhere", () => {
    assert.equal(schema.$schema, "https://json-schema.org/draft/2020-12/schema");
    const references = [...JSON.stringify(schema).matchAll(/"\$ref":"#\/\$defs\/([^"]+)"/g)].map(([, name]) => name!);
    assert.ok(references.length > 0);
    for (const name of references) assert.ok(name in schema.$defs, name);
  });

  it("is written once, however often it is asked for", () => {
    const served = writtenDefinitionSchema(stubStepTypes);
    assert.ok(served instanceof StoredJson);
    assert.equal(writtenDefinitionSchema(stubStepTypes), served);
    assert.deepEqual(JSON.parse(stringifyStored({ a: served, b: served })), { a: schema, b: schema });
  });

  it("tells the config by the type", () => {
    const step = schema.$defs.step.anyOf.find(
      (one: { properties: { type: { const: string } } }) => one.properties.type.const === "log",
    );
    assert.deepEqual(step.properties.config.required, ["message"]);
    assert.deepEqual(step.required, ["type", "config"]);
    assert.equal(step.additionalProperties, false);
    assert.equal(step.properties.for_each.properties.concurrency.maximum, 100);
    assert.match(schema.$defs.retry.properties.max_seconds.description, /in seconds\. 0 to 86,400\. Default 60\./);
  });

  it("lets a placeholder stand for any value of a config", () => {
    const step = schema.$defs.step.anyOf.find(
      (one: { properties: { type: { const: string } } }) => one.properties.type.const === "http_request",
    );
    const { timeout_seconds: timeout, expected_status: status } = step.properties.config.properties;
    assert.equal(timeout.anyOf[0].maximum, 300);
    assert.equal(timeout.anyOf[1].pattern, "\\{\\{[\\s\\S]*\\}\\}");
    assert.equal(timeout.description, "In seconds. 1 to 300.");
    assert.equal(status.anyOf[0].items.anyOf[0].minimum, 100);
  });

  it("nests the actions of conditional", () => {
    const action = schema.$defs.action.anyOf.find(
      (one: { properties: { type: { const: string } } }) => one.properties.type.const === "conditional",
    );
    assert.match(JSON.stringify(action.properties.config.properties.true_action), /#\/\$defs\/action/);
  });
});
