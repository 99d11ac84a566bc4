// A receiver as apps have them, which checks each request with what others publish: with LIBRARY=shopify webhooks with
// that of @shopify/shopify-api, with LIBRARY=service calls of fulfillment services with the same, with LIBRARY=standard
// that of standardwebhooks. SECRET is what it checks with. It says where it is, then one line for each request.
import { createServer } from 'node:http'
import '@shopify/shopify-api/adapters/node'
import { shopifyApi, LogSeverity } from '@shopify/shopify-api'
import { Webhook } from 'standardwebhooks'

const { LIBRARY, SECRET } = process.env
const say = (line) => process.stdout.write(JSON.stringify(line) + '\n')

const library = (part) => {
  const shopify = shopifyApi({
    apiKey: 'key', apiSecretKey: SECRET, hostName: 'localhost', isEmbeddedApp: false, apiVersion: '2026-07',
    logger: { level: LogSeverity.Error, log: () => {} },
  })
  return (rawBody, rawRequest, rawResponse) => shopify[part].validate({ rawBody, rawRequest, rawResponse })
}

const libraries = {
  shopify: () => library('webhooks'),
  service: () => library('fulfillmentService'),
  standard() {
    const webhook = new Webhook(SECRET)
    return (body, request) => {
      try {
        webhook.verify(body, request.headers)
        return { valid: true }
      } catch (error) {
        return { valid: false, reason: error.message }
      }
    }
  },
}

const check = libraries[LIBRARY]()
const server = createServer(async (request, response) => {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  const body = Buffer.concat(chunks)
  const found = await check(body.toString('utf8'), request, response)
  say({ ...found, path: request.url, headers: request.headers, body: body.toString('base64') })
  response.writeHead(found.valid ? 200 : 401).end()
})
server.listen(0, '127.0.0.1', () => say({ url: `http://127.0.0.1:${server.address().port}/` }))
