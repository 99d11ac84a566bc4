package fulfillment

import _ "packhorse/internal/access" // refused by domain
