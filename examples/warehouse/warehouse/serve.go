package warehouse

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"packhorse/internal/paper/onepage"
)

// maxBody is how large a body may be, in bytes.
const maxBody = 1 << 20

// Handler serves the contract.
func (w *Warehouse) Handler() http.Handler {
	mux := http.NewServeMux()
	for pattern, handle := range map[string]func(r *http.Request, body []byte) (int, any){
		"PUT /requests/{key}":                              w.putRequest,
		"GET /requests/{key}":                              w.getRequest,
		"PUT /requests/{key}/cancellations/{cancellation}": w.putCancellation,
		"GET /requests/{key}/cancellations/{cancellation}": w.getCancellation,
		"GET /requests/{key}/documents":                    w.getDocuments,
		"PUT /returns/{key}":                               w.putReturn,
		"GET /returns/{key}":                               w.getReturn,
		"POST /rates":                                      quote,
		"GET /options":                                     options,
		"/":                                                nowhere,
	} {
		mux.HandleFunc(pattern, func(rw http.ResponseWriter, r *http.Request) {
			status, answer := w.checked(rw, r, handle)
			write(rw, status, answer)
		})
	}
	return mux
}

// checked answers a request that is signed, and says what is wrong with another one.
func (w *Warehouse) checked(
	rw http.ResponseWriter, r *http.Request, handle func(*http.Request, []byte) (int, any),
) (int, any) {
	body, err := io.ReadAll(http.MaxBytesReader(rw, r.Body, maxBody))
	if err != nil {
		return refuse(http.StatusRequestEntityTooLarge, "The body is too large, or was cut off.")
	}
	if _, err := w.config.Secrets.Verify(r.Header, body, time.Now()); err != nil {
		return refuse(http.StatusUnauthorized, "The request is not signed as it must be: "+err.Error()+".")
	}
	if v := r.Header.Get("Packhorse-Version"); v != "" && v != Version {
		return refuse(http.StatusBadRequest, "The contract is spoken here in its version "+Version+".")
	}
	return handle(r, body)
}

// problem is the error of the contract, RFC 9457.
type problem struct {
	Type      string         `json:"type"`
	Title     string         `json:"title"`
	Status    int            `json:"status"`
	Detail    string         `json:"detail,omitempty"`
	Retryable *bool          `json:"retryable,omitempty"`
	Effect    string         `json:"effect,omitempty"`
	Errors    []fieldProblem `json:"errors,omitempty"`
}

type fieldProblem struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// refuse says that nothing was done, and that nothing will be.
func refuse(status int, detail string, errs ...fieldProblem) (int, any) {
	return status, problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: detail, Retryable: new(false),
		Effect: "none", Errors: errs,
	}
}

// busy says that the warehouse can't write anything down at the moment, so that nothing was done.
func busy(err error) (int, any) {
	status := http.StatusServiceUnavailable
	return status, problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status, Retryable: new(true), Effect: "none",
		Detail: "Nothing can be written down: " + err.Error(),
	}
}

func write(rw http.ResponseWriter, status int, answer any) {
	kind := "application/json"
	if p, failed := answer.(problem); failed {
		kind = "application/problem+json"
		if p.Retryable != nil && *p.Retryable {
			rw.Header().Set("Retry-After", "1")
		}
	}
	body, err := json.Marshal(answer)
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"title":"Internal Server Error","status":500}`)
	}
	rw.Header().Set("Content-Type", kind)
	rw.Header().Set("Packhorse-Version", Version)
	rw.Header().Set("Content-Length", strconv.Itoa(len(body)))
	rw.WriteHeader(status)
	_, _ = rw.Write(body)
}

// order is the body with its members in order: the same whatever order they came in.
func order(body []byte) (json.RawMessage, error) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()
	var object map[string]any
	if err := decoder.Decode(&object); err != nil {
		return nil, err
	}
	if object == nil || decoder.More() {
		return nil, errors.New("it is no object")
	}
	return json.Marshal(object)
}

// asked is what the bodies have in common.
type asked struct {
	Key            string `json:"key"`
	RequestKey     string `json:"requestKey"`
	ServiceID      string `json:"serviceId"`
	Lines          []Line `json:"lines"`
	NotifyCustomer bool   `json:"notifyCustomer"`
	Withdraw       bool   `json:"withdraw"`

	OptionData map[string]any `json:"optionData"` // what the customer chose
}

// read reads a body whose key has to be that of the path. The signature covers the body only: the key in it keeps
// somebody who has seen it from putting it under another one.
func read(body []byte, key string) (a asked, ordered json.RawMessage, wrong []fieldProblem) {
	ordered, err := order(body)
	if err == nil {
		err = json.Unmarshal(body, &a)
	}
	if err != nil {
		return a, nil, []fieldProblem{{"", "It is no JSON object as the contract has it: " + err.Error()}}
	}
	if a.Key != key {
		wrong = append(wrong, fieldProblem{"key", fmt.Sprintf("It is %q; the path has %q.", a.Key, key)})
	}
	return a, ordered, wrong
}

func checkLines(lines []Line) (wrong []fieldProblem) {
	if len(lines) == 0 {
		wrong = append(wrong, fieldProblem{"lines", "There is none."})
	}
	for i, l := range lines {
		if l.LineID == "" || l.Quantity < 1 {
			field := fmt.Sprintf("lines[%d]", i)
			wrong = append(wrong, fieldProblem{field, "It needs a lineId and a quantity of at least 1."})
		}
	}
	return wrong
}

// again is the answer to a key that is taken: as it stands, to whoever asks for the same.
func again(d Decision, body json.RawMessage) (int, any) {
	if d.Body != nil && !bytes.Equal(d.Body, body) {
		return refuse(http.StatusConflict, "The key was used before, for something else.")
	}
	return http.StatusOK, d.Answer
}

// reference is a name that follows from the key, so that it is the same whatever is lost.
func reference(prefix, key string) string {
	sum := sha256.Sum256([]byte(prefix + key))
	return prefix + "-" + strings.ToUpper(hex.EncodeToString(sum[:5]))
}

func (w *Warehouse) putRequest(r *http.Request, body []byte) (int, any) {
	key := r.PathValue("key")
	a, ordered, wrong := read(body, key)
	if ordered != nil {
		wrong = append(wrong, checkLines(a.Lines)...)
	}
	if len(wrong) > 0 {
		return refuse(http.StatusUnprocessableEntity, "The request is malformed.", wrong...)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if known := w.state.Requests[key]; known != nil {
		given := known.Decision
		given.Answer = w.answered(known)
		return again(given, ordered)
	}
	request := &Request{
		Decision: Decision{ordered, Answer{Outcome: "ACCEPTED", Reference: reference("W", key)}},
		Key:      key, ServiceID: a.ServiceID, Lines: a.Lines, Notify: a.NotifyCustomer,
	}
	if len(a.OptionData) > 0 { // A real one would ship to the pick-up point.
		request.Answer.Data = map[string]any{"optionData": a.OptionData}
	}
	status := request.decide(w.config)
	w.state.Requests[key] = request
	if err := w.state.save(w.config.File); err != nil {
		delete(w.state.Requests, key)
		return busy(err)
	}
	w.notify()
	return status, w.answered(request)
}

func (w *Warehouse) getRequest(r *http.Request, _ []byte) (int, any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if known := w.state.Requests[r.PathValue("key")]; known != nil {
		return http.StatusOK, w.answered(known)
	}
	return refuse(http.StatusNotFound, "Nothing was ever taken under this key.")
}

func (w *Warehouse) putCancellation(r *http.Request, body []byte) (int, any) {
	of, key := r.PathValue("key"), r.PathValue("cancellation")
	a, ordered, wrong := read(body, key)
	if ordered != nil && a.RequestKey != of {
		wrong = append(wrong, fieldProblem{"requestKey", "It is not that of the path."})
	}
	if len(wrong) > 0 {
		return refuse(http.StatusUnprocessableEntity, "The cancellation is malformed.", wrong...)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	name := of + "/" + key
	if known := w.state.Cancellations[name]; known != nil {
		return again(*known, ordered)
	}
	d := &Decision{ordered, Answer{Outcome: "ACCEPTED", Reference: reference("C", name)}}
	request := w.state.Requests[of]
	switch {
	case request == nil && a.Withdraw: // It may still be on its way here: then it is refused.
		w.state.Requests[of] = &Request{Key: of, Decision: Decision{
			Answer: Answer{Outcome: "REJECTED", Reason: "OTHER", Message: "It was withdrawn."}}}
	case request == nil:
		d.Answer = Answer{Outcome: "REJECTED", Message: "The warehouse knows no such request."}
	case len(request.Answer.Shipments) > 0:
		d.Answer.Outcome, d.Answer.Message = "REJECTED", "It has left."
	default:
		request.stop()
	}
	w.state.Cancellations[name] = d
	if err := w.state.save(w.config.File); err != nil {
		return busy(err) // What was stopped stays stopped; asked again, the answer is the same.
	}
	return http.StatusCreated, d.Answer
}

func (w *Warehouse) getCancellation(r *http.Request, _ []byte) (int, any) {
	return w.look(w.state.Cancellations, r.PathValue("key")+"/"+r.PathValue("cancellation"))
}

func (w *Warehouse) look(decisions map[string]*Decision, key string) (int, any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if known := decisions[key]; known != nil {
		return http.StatusOK, known.Answer
	}
	return refuse(http.StatusNotFound, "Nothing was ever taken under this key.")
}

func (w *Warehouse) putReturn(r *http.Request, body []byte) (int, any) {
	key := r.PathValue("key")
	a, ordered, wrong := read(body, key)
	if ordered != nil {
		wrong = append(wrong, checkLines(a.Lines)...)
	}
	if len(wrong) > 0 {
		return refuse(http.StatusUnprocessableEntity, "The return is malformed.", wrong...)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if known := w.state.Returns[key]; known != nil {
		return again(*known, ordered)
	}
	d := &Decision{ordered, Answer{
		Outcome: "ACCEPTED", Reference: reference("R", key), Labels: []Label{{reference("RET", key)}},
	}}
	w.state.Returns[key] = d
	if err := w.state.save(w.config.File); err != nil {
		delete(w.state.Returns, key)
		return busy(err)
	}
	return http.StatusCreated, d.Answer
}

func (w *Warehouse) getReturn(r *http.Request, _ []byte) (int, any) {
	return w.look(w.state.Returns, r.PathValue("key"))
}

func (w *Warehouse) getDocuments(r *http.Request, _ []byte) (int, any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	request := w.state.Requests[r.PathValue("key")]
	if request == nil {
		return refuse(http.StatusNotFound, "Nothing was ever taken under this key.")
	}
	documents := []Document{}
	if kind := r.URL.Query().Get("kind"); (kind == "" || kind == "label") && request.Answer.Outcome == "ACCEPTED" {
		documents = append(documents, request.label())
	}
	return http.StatusOK, map[string]any{"documents": documents}
}

// label is that of a request's parcel: the same each time.
func (r *Request) label() Document {
	return Document{
		"label", r.Answer.Reference + ".pdf", "application/pdf", onepage.PDF("Parcel", r.Answer.Reference),
	}
}

// answered is what is said to a request.
func (w *Warehouse) answered(r *Request) Answer {
	answer := r.Answer
	if w.config.Labels && answer.Outcome != "REJECTED" && answer.Reference != "" {
		answer.Documents = []Document{r.label()}
	}
	return answer
}

// shippingOptions are the ways in which the warehouse ships, with what they cost and how long they take.
var shippingOptions = []struct {
	ID, Name, Amount string
	MinDays, MaxDays int // until it arrives
}{{"standard", "Standard", "4.90", 2, 4}, {"express", "Express", "9.90", 1, 1}}

func quote(_ *http.Request, body []byte) (int, any) {
	var a struct{ Option, CurrencyCode string }
	if err := json.Unmarshal(body, &a); err != nil {
		return refuse(http.StatusUnprocessableEntity, "It is no JSON object.")
	}
	if a.CurrencyCode == "" {
		a.CurrencyCode = "EUR"
	}
	rates := []map[string]any{}
	for _, o := range shippingOptions {
		if a.Option == "" || a.Option == o.ID {
			rates = append(rates, map[string]any{
				"option": o.ID, "name": o.Name, "amount": o.Amount, "currencyCode": a.CurrencyCode,
				"taxInclusive": true, "minDays": o.MinDays, "maxDays": o.MaxDays,
			})
		}
	}
	return http.StatusOK, map[string]any{"rates": rates}
}

func options(*http.Request, []byte) (int, any) {
	list := []map[string]any{}
	for _, o := range shippingOptions {
		list = append(list, map[string]any{"id": o.ID, "name": o.Name})
	}
	return http.StatusOK, map[string]any{
		"version": Version, "abilities": []string{"cancel", "returns", "documents", "rates"}, "options": list,
	}
}

func nowhere(r *http.Request, _ []byte) (int, any) {
	if slices.Contains([]string{http.MethodGet, http.MethodPut, http.MethodPost}, r.Method) {
		return refuse(http.StatusNotFound, "The contract has no such path.")
	}
	return refuse(http.StatusMethodNotAllowed, "The contract has no such method.")
}
