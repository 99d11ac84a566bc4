// Registers webhooks as an app of Shopify's template does whenever it starts: what it wants is made, what has changed is
// updated, and every other subscription of the app is deleted. Runs as often as WANTED has lists of topics, and prints
// what each run did.
import '@shopify/shopify-api/adapters/node'
import { DeliveryMethod, Session, shopifyApi } from '@shopify/shopify-api'

const env = process.env
const url = new URL(env.PACKHORSE_API)
const [, , , apiVersion] = url.pathname.split('/')
const session = new Session({ id: 'offline', shop: url.host, state: '', isOnline: false, accessToken: env.PACKHORSE_TOKEN })

for (const wanted of JSON.parse(env.WANTED)) {
  const shopify = shopifyApi({
    apiKey: 'key', apiSecretKey: 'secret', hostName: 'app.example.com', isEmbeddedApp: false, apiVersion,
    isCustomStoreApp: true, adminApiAccessToken: env.PACKHORSE_TOKEN, logger: { log: () => {} },
  })
  for (const [topic, more] of Object.entries(wanted)) {
    shopify.webhooks.addHandlers({ [topic]: { deliveryMethod: DeliveryMethod.Http, callbackUrl: '/webhooks', callback: async () => {}, ...more } })
  }
  const did = []
  for (const [topic, results] of Object.entries(await shopify.webhooks.register({ session }))) {
    for (const { success, operation } of results) did.push(`${topic} ${operation} ${success}`)
  }
  console.log(JSON.stringify(did))
}
