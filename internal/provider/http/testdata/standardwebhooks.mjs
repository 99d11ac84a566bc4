// Verifies the messages of $MESSAGES and says of each whether it is believed; then signs $BODY, and says the headers.
import { Webhook } from "standardwebhooks";

for (const { secret, headers, body } of JSON.parse(process.env.MESSAGES)) {
  let said = "believed";
  try {
    new Webhook(secret).verify(body, headers);
  } catch (error) {
    said = error.message;
  }
  console.log(said);
}
const now = new Date();
console.log(JSON.stringify({
  "webhook-id": "msg_npm",
  "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
  "webhook-signature": new Webhook(process.env.SECRET).sign("msg_npm", now, process.env.BODY),
}));
