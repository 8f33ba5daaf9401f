// Owns: the calls into OpenSSL.
#include "net/tls.h"

#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

#include <algorithm>

#include "net/frame.h"

namespace salus::net {

namespace {

using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;
using ContextPtr = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;

// A certificate of ours has about 300 bytes. Read before the peer has proved anything.
constexpr long kPeerCertificateBytesMax = 4'096;

// The name says only what it is: the key is the identity.
constexpr const char* kCommonName = "salus node";

std::optional<NodeId> node_of(X509* certificate) {
  EVP_PKEY* key = certificate == nullptr ? nullptr : X509_get0_pubkey(certificate);
  if (key == nullptr || EVP_PKEY_id(key) != EVP_PKEY_ED25519) return std::nullopt;
  NodeId node;
  std::size_t size = node.bytes.size();
  if (EVP_PKEY_get_raw_public_key(key, node.bytes.data(), &size) != 1) return std::nullopt;
  return size == NodeId::kSize ? std::optional{node} : std::nullopt;
}

// Replaces the search for a CA: any certificate of an Ed25519 key will do, as possession of the key
// is proved by the handshake itself and the key is compared with the pinned one afterwards.
int accept_any_node_key(X509_STORE_CTX* store, void* /*unused*/) {
  if (node_of(X509_STORE_CTX_get0_cert(store))) return 1;
  X509_STORE_CTX_set_error(store, X509_V_ERR_CERT_REJECTED);
  return 0;
}

// The list of protocols as it stands in a handshake: each with its length in front.
std::string alpn_list() { return std::string(1, static_cast<char>(kAlpn.size())).append(kAlpn); }

int choose_alpn(SSL* /*session*/, const unsigned char** out, unsigned char* out_size,
                const unsigned char* offered, unsigned int offered_size, void* /*unused*/) {
  ByteView left{offered, offered_size};
  while (!left.empty()) {
    const std::size_t size = std::min<std::size_t>(left.front(), left.size() - 1);
    const ByteView name = left.subspan(1, size);
    if (as_chars(name) == kAlpn) {
      *out = name.data();
      *out_size = static_cast<unsigned char>(name.size());
      return SSL_TLSEXT_ERR_OK;
    }
    left = left.subspan(1 + size);
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

KeyPtr load_key(const crypto::KeyPair& pair) {
  crypto::Seed seed = pair.seed();
  KeyPtr key{EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.data(), seed.size()),
             &EVP_PKEY_free};
  OPENSSL_cleanse(seed.data(), seed.size());
  return key;
}

// Never expires (RFC 5280, 4.1.2.5): a node key is retired by taking it off the peers' lists.
CertificatePtr self_signed(EVP_PKEY* key) {
  CertificatePtr made{X509_new(), &X509_free};
  if (!made) return made;
  X509* out = made.get();
  X509_NAME* name = X509_get_subject_name(out);
  const bool filled = X509_set_version(out, X509_VERSION_3) == 1 &&
                      ASN1_INTEGER_set(X509_get_serialNumber(out), 1) == 1 &&
                      ASN1_TIME_set_string_X509(X509_getm_notBefore(out), "19700101000000Z") == 1 &&
                      ASN1_TIME_set_string_X509(X509_getm_notAfter(out), "99991231235959Z") == 1 &&
                      X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
                                                 as_bytes(kCommonName).data(), -1, -1, 0) == 1 &&
                      X509_set_issuer_name(out, name) == 1 && X509_set_pubkey(out, key) == 1 &&
                      X509_sign(out, key, nullptr) > 0;
  return filled ? std::move(made) : CertificatePtr{nullptr, &X509_free};
}

bool restrict_to_one_protocol(SSL_CTX* context) {
  const std::string alpn = alpn_list();
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nullptr);
  SSL_CTX_set_cert_verify_callback(context, &accept_any_node_key, nullptr);
  SSL_CTX_set_max_cert_list(context, kPeerCertificateBytesMax);
  // Every link proves its key afresh: no resumption.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_alpn_select_cb(context, &choose_alpn, nullptr);
  return SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set_max_proto_version(context, TLS1_3_VERSION) == 1 &&
         SSL_CTX_set1_sigalgs_list(context, "ed25519") == 1 &&
         SSL_CTX_set1_groups_list(context, "X25519") == 1 &&
         SSL_CTX_set_num_tickets(context, 0) == 1 &&
         // The one function of OpenSSL here whose success is 0.
         SSL_CTX_set_alpn_protos(context, as_bytes(alpn).data(),
                                 static_cast<unsigned int>(alpn.size())) == 0;
}

}  // namespace

std::unique_ptr<boost::asio::ssl::context> make_tls_context(const crypto::KeyPair& node_key) {
  ContextPtr context{SSL_CTX_new(TLS_method()), &SSL_CTX_free};
  const KeyPtr key = load_key(node_key);
  if (!context || !key) return nullptr;

  const CertificatePtr certificate = self_signed(key.get());
  if (!certificate || !restrict_to_one_protocol(context.get()) ||
      SSL_CTX_use_certificate(context.get(), certificate.get()) != 1 ||
      SSL_CTX_use_PrivateKey(context.get(), key.get()) != 1) {
    return nullptr;
  }
  return std::make_unique<boost::asio::ssl::context>(context.release());
}

std::optional<NodeId> proved_node(SSL* session) {
  return node_of(SSL_get0_peer_certificate(session));
}

bool speaks_salus(SSL* session) {
  const unsigned char* name = nullptr;
  unsigned int size = 0;
  SSL_get0_alpn_selected(session, &name, &size);
  return name != nullptr && as_chars(ByteView{name, size}) == kAlpn;
}

}  // namespace salus::net
