// Owns: whoever completes a handshake has proved to hold the Ed25519 key of its certificate, over
// TLS 1.3 and nothing older. There is no CA: a certificate is only the envelope of a node key, made
// in memory at start, and which keys are welcome is for the caller to decide.
#pragma once

#include <boost/asio/ssl/context.hpp>
#include <memory>
#include <optional>

#include "base/ids.h"
#include "crypto/ed25519.h"

namespace salus::net {

// A context for both roles; null if OpenSSL refuses to build one. The key stays inside OpenSSL.
std::unique_ptr<boost::asio::ssl::context> make_tls_context(const crypto::KeyPair& node_key);

// The key that the other side of a finished handshake proved to hold.
std::optional<NodeId> proved_node(SSL* session);
// Both sides agreed on our application protocol.
bool speaks_salus(SSL* session);

}  // namespace salus::net
