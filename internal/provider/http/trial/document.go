package trial

import (
	"context"
	"encoding/json"
	"fmt"
	nethttp "net/http"
)

func documentsAreListed(ctx context.Context, w *warehouse) error {
	if err := w.can("documents"); err != nil {
		return err
	}
	key, _, err := w.taken(ctx)
	if err != nil {
		return err
	}
	for _, kind := range []string{"label", "invoice", "return"} {
		r, err := w.get(ctx, "/requests/"+key+"/documents?kind="+kind)
		if err != nil {
			return err
		}
		if err := r.is(nethttp.StatusOK); err != nil {
			return err
		}
		var list struct{ Documents []json.RawMessage }
		if err := json.Unmarshal(r.body, &list); err != nil || list.Documents == nil {
			return fmt.Errorf("the body is no object with a list of documents%s", r.said())
		}
		for _, one := range list.Documents {
			if err := (reply{body: one}).fits("Document"); err != nil {
				return err
			}
			var d struct{ Kind, URL, Content string }
			if err := json.Unmarshal(one, &d); err != nil || d.Kind != kind || (d.URL == "") == (d.Content == "") {
				return fmt.Errorf("asked for %s, it gives a %s; each has a url or its content: %.200s",
					kind, d.Kind, one)
			}
		}
	}
	return nil
}
