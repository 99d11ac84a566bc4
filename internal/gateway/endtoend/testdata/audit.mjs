// Runs the audits of graphql-http against PACKHORSE_API, and says what came of each, as JSON.
import { serverAudits } from 'graphql-http'

const { PACKHORSE_API: url, PACKHORSE_TOKEN: token } = process.env
const fetchFn = (address, options = {}) =>
  fetch(address, { ...options, headers: { ...options.headers, 'x-shopify-access-token': token } })

const results = []
for (const audit of serverAudits({ url, fetchFn })) {
  const result = await audit.fn()
  results.push({ name: audit.name, status: result.status, reason: result.reason ?? '' })
}
console.log(JSON.stringify(results))
