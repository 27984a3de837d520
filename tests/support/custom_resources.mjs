// Holds custom resources to the validators of the npm packages @kubernetes-models/*, which are made of the resources'
// CustomResourceDefinitions (Istio), or of the Go types that the definitions are made of (all others).
//
// node custom_resources.mjs NODE_MODULES < REQUEST. REQUEST is a JSON array of {package, apiVersion, kind, resource}.
// Writes a JSON array that has for each an array of texts, what is wrong; or null where the package has no such kind.
//
// The validators let pass a field that a definition does not list, and nothing (null) for any field. An API server drops
// both without a word. So a resource is shown to its validator behind a Proxy that notes what is read: a validator reads
// each field that it knows, and no other.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

const STANDARD_INPUT = 0;
const [, , modules] = process.argv;

function watched(value, read) {
  if (typeof value !== "object" || value === null) return value;
  const keys = new Set();
  const inner = new Map();
  read.set(value, keys);
  return new Proxy(value, {
    get(target, key) {
      if (!Object.hasOwn(target, key)) return target[key];
      keys.add(key);
      if (!inner.has(key)) inner.set(key, watched(target[key], read));
      return inner.get(key);
    },
  });
}

function* dropped(value, read, place = "") {
  if (value === null) yield `${place}: null`;
  if (typeof value !== "object" || value === null) return;
  for (const [key, one] of Object.entries(value)) {
    if (read.get(value)?.has(key)) yield* dropped(one, read, `${place}/${key}`);
    else yield `${place}/${key}: no such field`;
  }
}

async function validatorOf({ package: name, apiVersion, kind }) {
  const folder = join(modules, "@kubernetes-models", name);
  const model = join(folder, apiVersion, `${kind}.js`);
  if (!existsSync(model)) return null;
  // The module of a kind wraps its validator, which alone says every mistake and not only the first.
  const [, schema] = readFileSync(model, "utf8").match(/from"(?:\.\.\/)+(_schemas\/\w+\.js)"/);
  return (await import(pathToFileURL(join(folder, schema)))).validate;
}

function mistakes(validate, resource) {
  const read = new Map();
  const valid = validate(watched(resource, read));
  const errors = valid ? [] : validate.errors;
  const said = errors.map((one) => `${one.instancePath}: ${one.keyword} ${JSON.stringify(one.params)}`);
  return [...said, ...dropped(resource, read)];
}

const answers = [];
for (const request of JSON.parse(readFileSync(STANDARD_INPUT, "utf8"))) {
  const validate = await validatorOf(request);
  answers.push(validate === null ? null : mistakes(validate, request.resource));
}
process.stdout.write(JSON.stringify(answers));
