import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { isEnumType, isInputObjectType, isInterfaceType, isObjectType } from "graphql";
import { createSagaSchema, createSchema, schemaText } from "./create-schema.ts";

const schemas = { "schema.graphql": createSchema(), "schema-saga.graphql": createSagaSchema() };

for (const [file, schema] of Object.entries(schemas)) {
  const types = Object.values(schema.getTypeMap()).filter(({ name }) => !name.startsWith("__"));
  const roots = new Set([schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()]);

  test(`${file}: every type, field, argument and enum value has a description`, () => {
    const bare: string[] = [];
    const look = (path: string, { description }: { readonly description?: string | null | undefined }) => {
      if (!description?.trim()) bare.push(path);
    };
    for (const type of types) {
      if (!roots.has(type as never)) look(type.name, type);
      if (isEnumType(type)) for (const value of type.getValues()) look(`${type.name}.${value.name}`, value);
      if (isInputObjectType(type))
        for (const field of Object.values(type.getFields())) look(`${type.name}.${field.name}`, field);
      if (!isObjectType(type) && !isInterfaceType(type)) continue;
      for (const field of Object.values(type.getFields())) {
        look(`${type.name}.${field.name}`, field);
        for (const argument of field.args) look(`${type.name}.${field.name}(${argument.name})`, argument);
      }
    }
    assert.deepEqual(bare, []);
  });

  test(`${file}: every mutation takes one input of its own and returns a payload of its own with userErrors`, () => {
    for (const field of Object.values(schema.getMutationType()!.getFields())) {
      const name = field.name[0]!.toUpperCase() + field.name.slice(1);
      assert.deepEqual(
        field.args.map(({ name: argument, type }) => `${argument}: ${type}`),
        [`input: ${name}Input!`],
      );
      assert.equal(String(field.type), `${name}Payload!`);
      const payload = schema.getType(`${name}Payload`);
      assert.ok(isObjectType(payload) && payload.getInterfaces().some((type) => type.name === "MutationPayload"));
      for (const [key, { type }] of Object.entries(payload.getFields())) {
        assert.equal(String(type).endsWith("!"), key === "userErrors", `${name}Payload.${key}`);
      }
    }
  });

  test(`${file}: every root field says which scope it needs`, () => {
    for (const root of roots) {
      for (const { name, description } of Object.values(root!.getFields())) {
        assert.match(description ?? "", /Scope: (READ|WRITE|EXECUTE|ADMIN)\.$/, name);
      }
    }
  });

  test(`${file} shows this schema`, async () => {
    assert.equal(await readFile(new URL(`../../api/${file}`, import.meta.url), "utf8"), schemaText(schema));
  });
}

test("plain fields cost no resolver", () => {
  const execution = schemas["schema.graphql"].getType("Execution");
  assert.ok(isObjectType(execution));
  const { id, status, createdAt, steps } = execution.getFields();
  assert.deepEqual([id?.resolve, status?.resolve, createdAt?.resolve], [undefined, undefined, undefined]);
  assert.ok(steps?.resolve);
});
