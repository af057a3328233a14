import assert from "node:assert/strict";
import { test } from "node:test";
import { checksumOf } from "./checksums.ts";
import { migrations } from "./migrations/index.ts";

/** As they have landed. A line is added with each migration, and none is ever changed. */
const landed: Readonly<Record<string, string>> = {
  "001-engine": "40df1e7247faa4af6224649577c4c7ef8583e1671720d0ae4183bdc3860aae55",
  "002-template": "c6c3f480d151156e8a3e97cba56b8a917a3741adc18f19f7821d3ccaeb2845d7",
  "003-schedule": "053e6f169699d7737c4f396129d05fdf03e3c6bb511fee97f7c6e75dcf3d63af",
  "004-webhook": "6d543a474d81fb7be8125affd76016ffd6f9e50264a446f0e455749822048c15",
  "005-file-tasks": "47966eca90bb54e0cfacacd76c62f5309a4c17f635645e07310fe65b85eb7dc6",
  "009-statistics": "2f196b0613b7bd2976a955719157f3251ecdab305f30b740f01ff32ef5e0afe2",
  "013-trace": "98b6237efcf420b253d17624169498216a47d818aad6864862b213bf5c5cd862",
  "015-lists": "591dbfee891d5845c136a3bc893113275da3a25e51936fb9bfaf94ae2a34e7eb",
  "020-saga": "1df0a2a5b41bad347daede110b923597e89578dfeaee44a4eabe9772c66e21fc",
  "021-file-note": "c5a43c32fb495af2d5dd4adbfc24a256eb3f4ba21cac41f79f4a636091acd91b",
  "022-correlation": "66828b8ce032a49acc595b6d876573b4d7aca22ed2ce90e991274e43ed77dee9",
  "023-descendants": "093468a324d8f0d5d54e2466dd34a7fa6b527802e0b71ba0bfd21b4c93fd7155",
  "024-execution-uid": "7bf4aa0eaa3f5025595e158cdca3148b9b4470fa7fa8c20751fca01a80d5d983",
  "025-after-failure": "8bc77c2f5d12a67cb3f2e5d825e61f5fedd65d3dd642e98b53eb3a12a1289885",
  "026-size": "6a25723570392fbe2754bba0db77edd30832753f72d777f62a9708b3723695bd",
  "027-sealed": "1befb9bb2ed463964ecd114647cd7046093c19363d3877bb680d270576195d5d",
  "028-key-of-environment": "4f2f434ad6e79363598f5edeae649aac3b39c1b52c04847de491517d7869b0d0",
  "029-execution-command": "eef37c49f07083e368c1430b5650f66f2702544e26b8062a8debb1c9c3e1476b",
  "030-worker-lease": "54849d34239d108b4c4698071bb4f58daf546bae379762c9b7694264962c7d26",
  "031-bus-key": "4a8277fb84ec31c26bd09be71497774012d62d55cecf8bd4fb03f3022554740c",
  "032-suspects": "3968a20b69f0852b8e5eabbb65dc97fcd35f191de07086172457d2824e82ab96",
  "033-file-task-takes": "a647f81b3dd28b21cb1af0f389fdaa6efe98142b7b7d47225ae40f97a242e153",
  "034-migration-checksum": "69ca60c5f8a60ae63954d7d047a470905df781af74b9d604b6f775eeb16e4eb0",
  "035-retention": "429dca0bbe07eccb86743119b1117719207458ca88d56033250c9e6e91fd1c1a",
};

test("no migration that has landed was edited, and each has its line here", () => {
  for (const { name, class: MigrationClass } of migrations) {
    const checksum = checksumOf(MigrationClass);
    assert.ok(name in landed, `a new migration: add the line "${name}": "${checksum}"`);
    assert.equal(checksum, landed[name], `${name} has landed, databases have run it: put it back, and write another`);
  }
  assert.deepEqual(
    Object.keys(landed),
    migrations.map(({ name }) => name),
    "none that has landed goes away",
  );
});
