import { serve } from "../../engine/processes/serve.ts";

/** Whatever a job can do to its process. */
export type Task =
  | { readonly do: "pid" | "heap" | "buffers" | "array" | "exit" | "fault" | "loop" | "throw" }
  | { readonly do: "wait"; readonly ms: number };

serve(async (task: Task): Promise<unknown> => {
  const held: unknown[] = [];
  switch (task.do) {
    case "heap":
      for (;;) held.push(new Array(1_000).fill(held.length));
    case "buffers":
      for (;;) held.push(Buffer.alloc(1024 * 1024, 1));
    case "array":
      return new Array(2 ** 27).fill(0).map((_, index) => `${index}`).length;
    case "exit":
      return process.exit(3);
    case "fault":
      return process.kill(process.pid, "SIGSEGV");
    case "loop":
      for (;;);
    case "throw":
      throw new Error("thrown");
    case "wait":
      await new Promise((resolve) => setTimeout(resolve, task.ms));
      return null;
    case "pid":
      return process.pid;
  }
});
