// What EasyPost's own client makes of the pretended EasyPost: it creates, buys, refunds and follows.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';

const { default: EasyPost } = await import('@easypost/api').catch(() => createRequire(import.meta.url)('@easypost/api'));
const client = new EasyPost(process.env.EASYPOST_KEY, { baseUrl: process.env.EASYPOST_URL + '/' });

const address = (name, zip) => ({
  name, street1: '1 Example St', city: 'San Francisco', state: 'CA', zip, country: 'US', phone: '4155550100',
});

await assert.rejects(client.Shipment.create({}), (e) => e.statusCode === 422 && e.code === 'PARAMETER.REQUIRED');

const shipment = await client.Shipment.create({
  reference: 'npm-1', to_address: address('Ana', '94104'), from_address: address('Erika', '94107'),
  parcel: { length: 10, width: 8, height: 4, weight: 15.4 },
});
assert.match(shipment.id, /^shp_/);
assert.equal(shipment.postage_label, null);
assert.equal(shipment.rates.length, 3);

const lowest = shipment.lowestRate();
assert.equal(lowest.rate, '5.93');
assert.equal(shipment.lowestRate(['USPS'], ['Priority']).rate, '6.90');

const bought = await client.Shipment.buy(shipment.id, lowest);
assert.equal(bought.selected_rate.id, lowest.id);
assert.match(bought.postage_label.label_url, /^https:/);
assert.equal(bought.tracker.tracking_code, bought.tracking_code);

await assert.rejects(client.Shipment.buy(shipment.id, lowest), (e) => e.code === 'SHIPMENT.POSTAGE.EXISTS');

assert.equal((await client.Shipment.retrieve(shipment.id)).tracking_code, bought.tracking_code);
assert.equal((await client.Shipment.retrieve('npm-1')).id, shipment.id);
assert.match((await client.Shipment.convertLabelFormat(shipment.id, 'ZPL')).postage_label.label_zpl_url, /zpl$/);
assert.equal((await client.Shipment.generateForm(shipment.id, 'return_packing_slip')).forms[0].form_type,
  'return_packing_slip');

const unbought = await client.Shipment.create({
  to_address: address('Ana', '94104'), from_address: address('Erika', '94107'), parcel: { weight: 1 },
});
assert.equal((await client.Shipment.regenerateRates(unbought.id)).rates.length, 3);
const listed = await client.Shipment.all({ page_size: 5 });
assert.deepEqual(listed.shipments.map((s) => s.id), [shipment.id]); // An unbought one is hidden.
assert.equal((await client.Shipment.all({ page_size: 5, purchased: false })).shipments.length, 2);

const tracker = await client.Tracker.create({ tracking_code: 'EZ4000000004' });
assert.equal(tracker.status, 'delivered');
assert.equal((await client.Tracker.create({ tracking_code: 'EZ4000000004' })).id, tracker.id);
assert.equal((await client.Tracker.retrieve(tracker.id)).id, tracker.id);
assert.equal((await client.Tracker.all()).trackers.length, 2);
await client.Tracker.delete(tracker.id);
await assert.rejects(client.Tracker.retrieve(tracker.id), (e) => e.statusCode === 404);

assert.equal((await client.Shipment.refund(shipment.id)).refund_status, 'submitted');
const refunds = await client.Refund.create({ carrier: 'USPS', tracking_codes: [bought.tracking_code] });
assert.equal(refunds[0].shipment_id, shipment.id);

// A delivery that is signed here is one for the client, and one that it takes is believed here.
const event = client.Utils.validateWebhook(Buffer.from(process.env.EVENT), {
  'X-Hmac-Signature': process.env.SIGNATURE }, process.env.SECRET);
assert.equal(event.description, 'tracker.updated');

console.log(JSON.stringify({ shipment: shipment.id, code: bought.tracking_code }));
