// A partner's program in TypeScript, on generated types: it lists, reads, searches, and follows the change feed.
// `node reader.js URL` prints one line of JSON for each; the last comes with the first change that it waits for.
import createClient, { type Client } from "openapi-fetch";
import type { components, paths as ApiPaths } from "./api.js";
import type { paths as SearchPaths } from "./search.js";

type Practice = components["schemas"]["PracticeSummary"];
type Changes = components["schemas"]["ChangesRead"];

function tell(what: object): void {
  console.log(JSON.stringify(what));
}

async function listed(api: Client<ApiPaths>): Promise<Practice[]> {
  const found: Practice[] = [];
  let cursor: string | null = null;
  do {
    const { data, error }: { data?: components["schemas"]["PracticePage"]; error?: unknown } = await api.GET(
      "/api/v1/practices",
      { params: { query: { limit: 2, cursor } } },
    );
    if (!data) throw new Error(JSON.stringify(error));
    found.push(...data.items);
    cursor = data.next;
  } while (cursor !== null);
  return found;
}

async function changes(api: Client<ApiPaths>, after: number, wait: number): Promise<Changes> {
  const { data, error } = await api.GET("/api/v1/changes", { params: { query: { after, limit: 10, wait } } });
  if (!data) throw new Error(error.detail);
  return data;
}

const baseUrl = process.argv[2] ?? "";
const api = createClient<ApiPaths>({ baseUrl });
const practices = await listed(api);
tell({ listed: practices.map((one) => one.slug) });

const first = practices[0];
if (!first?.slug) throw new Error("no practice is public");
const { data: practice } = await api.GET("/api/v1/practices/{practice}", {
  params: { path: { practice: first.slug } },
});
if (!practice) throw new Error("it cannot be read");
tell({ read: practice.title[practice.content.language], completeness: practice.completeness.full });
const { error: missing } = await api.GET("/api/v1/practices/{practice}", {
  params: { path: { practice: "no-such-practice" } },
});
tell({ missing: missing?.status });
const { data: workbook } = await api.GET("/api/v1/practices/{practice}/workbook.xlsx", {
  params: { path: { practice: practice.slug } },
  parseAs: "blob",
});
tell({ workbook: (await workbook?.slice(0, 2).text()) ?? "" });

const search = createClient<SearchPaths>({ baseUrl });
const { data: records } = await search.GET("/search/v1/records", { params: { query: { q: first.title } } });
if (!records) throw new Error("it cannot be searched");
tell({ found: records.hits.map((hit) => hit.slug), facets: Object.keys(records.facets).sort() });

let cursor = 0;
let page = await changes(api, 0, 0);
while (page.changes.length) {
  cursor = page.changes.at(-1)?.seq ?? cursor;
  page = await changes(api, cursor, 0);
}
tell({ followed: cursor, head: page.head });

const [change] = (await changes(api, cursor, 25)).changes;
if (!change?.record) throw new Error("no change came");
tell({ told: change.type, id: change.id, title: change.record["title"] });
