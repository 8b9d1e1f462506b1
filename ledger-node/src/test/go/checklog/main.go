// Command checklog checks a transparency log over HTTPS with the Go project's
// own packages. It knows the formats of c2sp.org (signed-note,
// tlog-checkpoint, tlog-tiles, tlog-proof) and nothing of the software behind
// the URL.
//
// It fetches the checkpoint, verifies its signature, fetches every entry
// bundle, computes the tree from the entries alone, compares the root with
// the checkpoint's and every tile the server holds, partial ones included,
// with the computed one, and checks receipts. On success it prints one JSON
// object; on failure the reason, and exits 1.
package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight  = 8
	tileWidth   = 1 << tileHeight
	maxResponse = 32 << 20
)

func main() {
	logURL := flag.String("log", "", "prefix of the log's paths")
	origin := flag.String("origin", "", "the checkpoint's first line")
	vkey := flag.String("vkey", "", "the log's verifier key")
	ca := flag.String("ca", "", "PEM file with the server's certificate authority")
	receipts := flag.String("receipts", "", "URLs of receipts to check, separated by commas")
	flag.Parse()

	if err := run(*logURL, *origin, *vkey, *ca, *receipts); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(logURL, origin, vkey, ca, receipts string) error {
	client, err := newClient(ca)
	if err != nil {
		return err
	}
	verifier, err := note.NewVerifier(vkey)
	if err != nil {
		return fmt.Errorf("verifier key: %v", err)
	}
	log := &log{client: client, url: logURL, origin: origin, verifier: verifier}

	text, err := log.get(logURL + "/checkpoint")
	if err != nil {
		return err
	}
	tree, err := log.checkpoint(text)
	if err != nil {
		return err
	}
	leaves, err := log.buildTree(tree)
	if err != nil {
		return err
	}
	tiles, err := log.compareTiles(tree)
	if err != nil {
		return err
	}
	checked := 0
	for _, url := range strings.FieldsFunc(receipts, func(r rune) bool { return r == ',' }) {
		if err := log.checkReceipt(url, leaves); err != nil {
			return fmt.Errorf("receipt %s: %v", url, err)
		}
		checked++
	}
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"size":     tree.N,
		"root":     tree.Hash.String(),
		"tiles":    tiles,
		"bundles":  log.bundles,
		"receipts": checked,
	})
}

func newClient(ca string) (*http.Client, error) {
	pem, err := os.ReadFile(ca)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(pem) {
		return nil, fmt.Errorf("%s holds no certificate", ca)
	}
	return &http.Client{
		Timeout: 60 * time.Second,
		Transport: &http.Transport{
			TLSClientConfig:   &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS13},
			ForceAttemptHTTP2: true,
		},
	}, nil
}

type log struct {
	client   *http.Client
	url      string
	origin   string
	verifier note.Verifier
	stored   []tlog.Hash // in the order of tlog.StoredHashIndex
	size     int64
	bundles  int
}

func (l *log) get(url string) ([]byte, error) {
	response, err := l.client.Get(url)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", url, response.Status)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, maxResponse+1))
	if err == nil && len(body) > maxResponse {
		err = fmt.Errorf("%s: more than %d bytes", url, maxResponse)
	}
	return body, err
}

// checkpoint verifies a signed note and parses c2sp.org/tlog-checkpoint.
func (l *log) checkpoint(message []byte) (tlog.Tree, error) {
	opened, err := note.Open(message, note.VerifierList(l.verifier))
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("checkpoint: %v", err)
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return tlog.Tree{}, fmt.Errorf("checkpoint has %d lines, want 3", len(lines)-1)
	}
	if lines[0] != l.origin {
		return tlog.Tree{}, fmt.Errorf("origin is %q, want %q", lines[0], l.origin)
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != lines[1] {
		return tlog.Tree{}, fmt.Errorf("size is %q", lines[1])
	}
	root, err := tlog.ParseHash(lines[2])
	if err != nil {
		return tlog.Tree{}, fmt.Errorf("root: %v", err)
	}
	return tlog.Tree{N: size, Hash: root}, nil
}

// path is the c2sp.org/tlog-tiles spelling of a tile's path: that of Go's
// checksum database without the height, and with entries for data.
func path(t tlog.Tile) string {
	p := strings.TrimPrefix(t.Path(), "tile/"+strconv.Itoa(tileHeight)+"/")
	return "tile/" + strings.Replace(p, "data/", "entries/", 1)
}

// buildTree computes the tree from the entries alone and returns their hashes.
func (l *log) buildTree(tree tlog.Tree) ([]tlog.Hash, error) {
	var leaves []tlog.Hash
	for first := int64(0); first < tree.N; first += tileWidth {
		width := tree.N - first
		if width > tileWidth {
			width = tileWidth
		}
		bundle := tlog.Tile{H: tileHeight, L: -1, N: first / tileWidth, W: int(width)}
		data, err := l.get(l.url + "/" + path(bundle))
		if err != nil {
			return nil, err
		}
		l.bundles++
		for i := 0; i < bundle.W; i++ {
			if len(data) < 2 || len(data) < 2+int(binary.BigEndian.Uint16(data)) {
				return nil, fmt.Errorf("%s ends inside entry %d", path(bundle), i)
			}
			end := 2 + int(binary.BigEndian.Uint16(data))
			leaf := tlog.RecordHash(data[2:end])
			data = data[end:]
			if err := l.append(leaf); err != nil {
				return nil, err
			}
			leaves = append(leaves, leaf)
		}
		if len(data) != 0 {
			return nil, fmt.Errorf("%s has %d bytes too many", path(bundle), len(data))
		}
	}
	root, err := tlog.TreeHash(tree.N, tlog.HashReaderFunc(l.readHashes))
	if err != nil {
		return nil, err
	}
	if root != tree.Hash {
		return nil, fmt.Errorf("the entries have root %v, the checkpoint %v", root, tree.Hash)
	}
	return leaves, nil
}

func (l *log) append(leaf tlog.Hash) error {
	completed, err := tlog.StoredHashesForRecordHash(l.size, leaf, tlog.HashReaderFunc(l.readHashes))
	if err != nil {
		return err
	}
	l.stored = append(l.stored, completed...)
	l.size++
	return nil
}

func (l *log) readHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index >= int64(len(l.stored)) {
			return nil, fmt.Errorf("no hash %d", index)
		}
		hashes[i] = l.stored[index]
	}
	return hashes, nil
}

// compareTiles compares what the server says of the tree with what follows
// from the entries, byte for byte.
func (l *log) compareTiles(tree tlog.Tree) (int, error) {
	tiles := tlog.NewTiles(tileHeight, 0, tree.N)
	for _, tile := range tiles {
		want, err := tlog.ReadTileData(tile, tlog.HashReaderFunc(l.readHashes))
		if err != nil {
			return 0, err
		}
		got, err := l.get(l.url + "/" + path(tile))
		if err != nil {
			return 0, err
		}
		if !bytes.Equal(got, want) {
			return 0, fmt.Errorf("%s differs from what the entries say", path(tile))
		}
	}
	return len(tiles), nil
}

// checkReceipt checks a c2sp.org/tlog-proof against its own checkpoint, and
// that the entry it proves is the one in the bundles.
func (l *log) checkReceipt(url string, leaves []tlog.Hash) error {
	text, err := l.get(url)
	if err != nil {
		return err
	}
	head, checkpoint, found := strings.Cut(string(text), "\n\n")
	if !found {
		return errors.New("no empty line")
	}
	lines := strings.Split(head, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return fmt.Errorf("first line is %q", lines[0])
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		if _, err := base64.StdEncoding.DecodeString(lines[0][len("extra "):]); err != nil {
			return err
		}
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return errors.New("no index")
	}
	index, err := strconv.ParseInt(lines[0][len("index "):], 10, 64)
	if err != nil {
		return err
	}
	var proof tlog.RecordProof
	for _, line := range lines[1:] {
		hash, err := tlog.ParseHash(line)
		if err != nil {
			return err
		}
		proof = append(proof, hash)
	}
	tree, err := l.checkpoint([]byte(checkpoint))
	if err != nil {
		return err
	}
	if index < 0 || index >= int64(len(leaves)) {
		return fmt.Errorf("entry %d is not in the log of %d", index, len(leaves))
	}
	return tlog.CheckRecord(proof, tree.N, tree.Hash, index, leaves[index])
}
