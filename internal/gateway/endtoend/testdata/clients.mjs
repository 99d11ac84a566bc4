// Takes an order through its life with each of the clients that others publish: create it, ask the service, have it
// accept, ship in two parts, take one back, deliver the other. Says the name of each client that came through.
import { strict as assert } from 'node:assert'
import { createAdminApiClient } from '@shopify/admin-api-client'
import '@shopify/shopify-api/adapters/node'
import { ApiVersion, shopifyApi, Session } from '@shopify/shopify-api'
import { Client as UrqlClient, fetchExchange, gql as urqlGql } from '@urql/core'
import { ApolloClient, gql as apolloGql, HttpLink, InMemoryCache } from '@apollo/client'
import { Client as TemporalClient, Connection } from '@temporalio/client'

const env = process.env
const url = new URL(env.PACKHORSE_API)
const [, , , apiVersion] = url.pathname.split('/')

// Each client is a function that makes, of a token, a function which sends a document and answers with its data.
const clients = {
  '@shopify/admin-api-client': (accessToken) => {
    const client = createAdminApiClient({ storeDomain: url.host, apiVersion, accessToken })
    return async (document, variables) => {
      const { data, errors, extensions } = await client.request(document, { variables })
      assert.equal(errors, undefined, JSON.stringify(errors?.graphQLErrors ?? errors))
      assert.ok(extensions.cost.requestedQueryCost > 0)
      return data
    }
  },
  '@shopify/shopify-api': (accessToken) => {
    const shopify = shopifyApi({
      apiKey: 'key', apiSecretKey: 'secret', hostName: url.host, isEmbeddedApp: false, apiVersion,
      isCustomStoreApp: true, adminApiAccessToken: accessToken, logger: { log: () => {} },
    })
    const session = new Session({ id: 'one', shop: url.host, state: '', isOnline: false, accessToken })
    const client = new shopify.clients.Graphql({ session })
    return async (document, variables) => (await client.request(document, { variables })).data
  },
  urql: (token) => {
    const client = new UrqlClient({
      url: url.href, exchanges: [fetchExchange], preferGetMethod: true,
      fetchOptions: { headers: { 'X-Shopify-Access-Token': token } },
    })
    return async (document, variables) => {
      const parsed = urqlGql(document)
      const how = parsed.definitions[0].operation
      const { data, error } = await client[how](parsed, variables).toPromise()
      if (error) throw error
      return data
    }
  },
  Apollo: (token) => {
    const client = new ApolloClient({
      link: new HttpLink({ uri: url.href, headers: { 'X-Shopify-Access-Token': token } }),
      cache: new InMemoryCache(),
    })
    return async (document, variables) => {
      const parsed = apolloGql(document)
      const { data, error } = parsed.definitions[0].operation === 'query'
        ? await client.query({ query: parsed, variables, fetchPolicy: 'network-only' })
        : await client.mutate({ mutation: parsed, variables })
      if (error) throw error
      return data
    }
  },
}

// accepted is a payload without user errors.
const accepted = (payload) => {
  assert.deepEqual(payload.userErrors, [])
  return payload
}

async function life(client) {
  const merchant = client(env.PACKHORSE_TOKEN)
  const service = client(env.SERVICE_TOKEN)
  const order = accepted((await merchant(`mutation Create($order: OrderCreateOrderInput!) {
    orderCreate(order: $order) {
      order { id fulfillmentOrders(first: 5) { nodes { id lineItems(first: 5) { nodes { id } } } } }
      userErrors { field message code }
    }
  }`, {
    order: { lineItems: [{ title: 'Lantern', quantity: 3, requiresShipping: true, fulfillmentService: 'ship-co' }] },
  })).orderCreate).order
  const [fulfillmentOrder] = order.fulfillmentOrders.nodes
  const id = fulfillmentOrder.id

  const asked = accepted((await merchant(`mutation Ask($id: ID!) {
    fulfillmentOrderSubmitFulfillmentRequest(id: $id, message: "please") {
      submittedFulfillmentOrder { requestStatus } userErrors { field message }
    }
  }`, { id })).fulfillmentOrderSubmitFulfillmentRequest)
  assert.equal(asked.submittedFulfillmentOrder.requestStatus, 'SUBMITTED')

  accepted((await service(`mutation Accept($id: ID!) {
    fulfillmentOrderAcceptFulfillmentRequest(id: $id) {
      fulfillmentOrder { requestStatus } userErrors { field message }
    }
  }`, { id })).fulfillmentOrderAcceptFulfillmentRequest)

  const ship = async (quantity) => accepted((await service(`mutation Ship($fulfillment: FulfillmentInput!) {
    fulfillmentCreate(fulfillment: $fulfillment) {
      fulfillment { id status totalQuantity trackingInfo(first: 5) { company number } } userErrors { field message }
    }
  }`, {
    fulfillment: {
      lineItemsByFulfillmentOrder: [{
        fulfillmentOrderId: id,
        fulfillmentOrderLineItems: [{ id: fulfillmentOrder.lineItems.nodes[0].id, quantity }],
      }],
      trackingInfo: { company: 'DHL', number: '00340434161094042557' },
    },
  })).fulfillmentCreate).fulfillment
  const first = await ship(1)
  const second = await ship(2)
  assert.equal(second.totalQuantity, 2)

  accepted((await service(`mutation TakeBack($id: ID!) {
    fulfillmentCancel(id: $id) { fulfillment { status } userErrors { field message } }
  }`, { id: first.id })).fulfillmentCancel)
  accepted((await service(`mutation Deliver($event: FulfillmentEventInput!) {
    fulfillmentEventCreate(fulfillmentEvent: $event) { fulfillmentEvent { id } userErrors { field message } }
  }`, { event: { fulfillmentId: second.id, status: 'DELIVERED' } })).fulfillmentEventCreate)

  const { order: seen } = await merchant(`query Read($id: ID!) {
    order(id: $id) { displayFulfillmentStatus fulfillments(first: 5) { id status displayStatus } }
  }`, { id: order.id })
  assert.equal(seen.displayFulfillmentStatus, 'PARTIALLY_FULFILLED')
  const found = Object.fromEntries(seen.fulfillments.map((f) => [f.id, `${f.status} ${f.displayStatus}`]))
  assert.deepEqual(found, { [first.id]: 'CANCELLED CANCELED', [second.id]: 'SUCCESS DELIVERED' })
}

// The same without the API. IDs are text: a number of this language is too small for them.
async function lifeInTemporal() {
  const connection = await Connection.connect({ address: env.TEMPORAL_ADDRESS })
  const client = new TemporalClient({ connection, namespace: env.TEMPORAL_NAMESPACE })
  const created = await client.workflow.execute('Order', {
    taskQueue: 'packhorse', workflowId: 'order/700001', workflowIdReusePolicy: 'REJECT_DUPLICATE',
    args: [{
      name: '#700001', lineItems: [{ title: 'Lantern', quantity: 3, locationId: env.SERVICE_LOCATION }],
    }],
  })
  const [id] = created.fulfillmentOrderIds
  assert.equal(typeof id, 'string')
  assert.deepEqual(created.workflowIds, [`fulfillment-order/${id}`])
  const handle = client.workflow.getHandle(`fulfillment-order/${id}`)
  const service = { role: 'SERVICE', serviceId: env.SERVICE_ID }
  const update = (name, command) => handle.executeUpdate(name, { args: [command] })

  assert.equal((await update('SubmitFulfillmentRequest', { message: 'please' })).requestStatus, 'SUBMITTED')
  assert.equal((await update('AcceptFulfillmentRequest', { actor: service })).requestStatus, 'ACCEPTED')
  const [line] = (await handle.query('state')).lineItems
  const ship = (quantity) => update('CreateFulfillment', {
    actor: service, fulfillmentOrderLineItems: [{ id: line.id, quantity }],
  })
  const first = await ship(1)
  const second = await ship(2)
  assert.equal(typeof second.fulfillmentId, 'string')
  assert.equal(second.status, 'CLOSED')
  await update('CancelFulfillment', { actor: service, fulfillmentId: first.fulfillmentId })
  await update('RecordEvent', { actor: service, fulfillmentId: second.fulfillmentId, status: 'DELIVERED' })
  const shipments = (await handle.query('state')).fulfillments
  const found = Object.fromEntries(shipments.map((f) => [f.id, `${f.status} ${f.displayStatus}`]))
  assert.deepEqual(found, {
    [first.fulfillmentId]: 'CANCELLED CANCELED', [second.fulfillmentId]: 'SUCCESS DELIVERED',
  })
  await connection.close()
}

for (const [name, client] of Object.entries(clients)) {
  await life(client)
  console.log(name)
}
await lifeInTemporal()
console.log('@temporalio/client')
