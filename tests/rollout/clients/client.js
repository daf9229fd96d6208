// A client of the suite by @grpc/grpc-js that sends nothing twice that a server may have seen: reads a task from its argument,
// prints what came of it.

const { randomUUID } = require("node:crypto");
const { readdirSync } = require("node:fs");
const path = require("node:path");

const [folder, protos, text] = process.argv.slice(2);
const library = (name) => require(path.join(folder, "node_modules", name));
const grpc = library("@grpc/grpc-js");
const loader = library("@grpc/proto-loader");
const { version } = library("@grpc/grpc-js/package.json");

const task = JSON.parse(text);
// No method has a retry policy. `grpc.enable_retries: 0` would give up calls, too, that no server has looked at.
const OPTIONS = {
  "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  "grpc.service_config_disable_resolution": 1,
};
const FRESH_ID = "$uuid";
const FAILURES_KEPT = 20;

// What came of the calls so far.
const outcome = { client: `grpc-js ${version}, Node ${process.versions.node}`, codes: {}, failures: [], slowest_ms: 0 };
let underWay = 0;
let whenNoneIs = () => {};

function ended(path, status, tookMs) {
  const code = grpc.status[status.code];
  const byCode = (outcome.codes[path] ??= {});
  byCode[code] = (byCode[code] ?? 0) + 1;
  if (code === "OK") {
    outcome.slowest_ms = Math.max(outcome.slowest_ms, tookMs);
  } else if (outcome.failures.length < FAILURES_KEPT) {
    outcome.failures.push({ at_ms: Date.now(), path, code, message: status.details ?? "" });
  }
  underWay -= 1;
  if (underWay === 0) whenNoneIs();
}

// Every file of the suite's own packages.
function files() {
  const all = readdirSync(path.join(protos, "callout"), { recursive: true });
  return all.filter((file) => file.endsWith(".proto")).map((file) => path.join("callout", file));
}

// A function that makes the call and returns at once.
function prepare(call, definitions, clients) {
  const { path, requestSerialize, responseDeserialize } = definitions[call.of][call.method];
  const fresh = Object.keys(call.request).filter((name) => call.request[name] === FRESH_ID);
  const metadata = new grpc.Metadata();
  metadata.set("authorization", `Bearer ${task.token}`);
  const client = clients[call.service];
  return () => {
    const request = { ...call.request };
    for (const name of fresh) request[name] = randomUUID();
    const started = performance.now();
    const options = { deadline: Date.now() + task.deadline_ms };
    underWay += 1;
    const end = (status) => ended(path, status, Math.floor(performance.now() - started));
    if (call.streams) {
      const stream = client.makeServerStreamRequest(
        path, requestSerialize, responseDeserialize, request, metadata, options);
      stream.on("data", () => {});
      // The status comes too, and says the same.
      stream.on("error", () => {});
      stream.on("status", end);
    } else {
      const whole = (error) => end(error ?? { code: grpc.status.OK });
      client.makeUnaryRequest(path, requestSerialize, responseDeserialize, request, metadata, options, whole);
    }
  };
}

async function main() {
  const definitions = loader.loadSync(files(), { includeDirs: [protos] });
  const clients = {};
  for (const [name, target] of Object.entries(task.targets)) {
    clients[name] = new grpc.Client(target, grpc.credentials.createInsecure(), OPTIONS);
  }
  const sends = task.calls.map((call) => prepare(call, definitions, clients));
  if (task.pace.at_once) {
    for (const send of sends) for (let time = 0; time < task.pace.at_once; time += 1) send();
  } else {
    let over = false;
    process.stdin.resume().on("end", () => (over = true));
    const started = performance.now();
    const interval = task.pace.every_us / 1000;
    for (let turn = 0; !over; turn += 1) {
      const due = started + turn * interval - performance.now();
      await new Promise((resolve) => (due > 0 ? setTimeout(resolve, due) : setImmediate(resolve)));
      sends[turn % sends.length]();
    }
  }
  if (underWay > 0) await new Promise((resolve) => (whenNoneIs = resolve));
  process.stdout.write(`${JSON.stringify(outcome)}\n`, () => process.exit(0));
}

main();
