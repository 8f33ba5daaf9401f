// Owns: the door to the hub.
#include "net/transport.h"

#include <utility>

#include "net/hub.h"

namespace salus::net {

TlsTransport::TlsTransport(boost::asio::io_context& io, boost::asio::any_io_executor driver,
                           const crypto::KeyPair& node_key, const ChainId& chain, NetConfig config,
                           Callbacks callbacks)
    : hub_(std::make_shared<Hub>(io, std::move(driver), node_key, chain, std::move(config),
                                 std::move(callbacks))) {}

TlsTransport::~TlsTransport() { hub_->stop(); }

Result<void, NetError> TlsTransport::start() { return hub_->start(); }

void TlsTransport::stop() { hub_->stop(); }

void TlsTransport::set_validators(const std::vector<NodeId>& nodes) { hub_->set_validators(nodes); }

void TlsTransport::send(const NodeId& peer, FrameType type, ByteView payload) {
  hub_->send(peer, type, payload);
}

void TlsTransport::broadcast(FrameType type, ByteView payload) { hub_->broadcast(type, payload); }

void TlsTransport::punish(const NodeId& peer) { hub_->punish(peer); }

std::vector<LinkStatus> TlsTransport::links() const { return hub_->links(); }

bool TlsTransport::is_linked(const NodeId& peer) const { return hub_->is_linked(peer); }

TransportCounters TlsTransport::counters() const { return hub_->counters(); }

std::uint16_t TlsTransport::listen_port() const { return hub_->listen_port(); }

}  // namespace salus::net
