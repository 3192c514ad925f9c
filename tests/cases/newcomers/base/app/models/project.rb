# frozen_string_literal: true

class Project < ApplicationRecord
  include Gitlab::ConfigHelper

  belongs_to :creator, class_name: 'User'
  belongs_to :group, -> { where(type: 'Group') }, foreign_key: 'namespace_id'

  # Integrations
  has_many :integrations
  has_one :abacus_integration, class_name: 'Integrations::Abacus'
  has_one :bellows_integration, class_name: 'Integrations::Bellows'
  has_one :signpost_integration, class_name: 'Integrations::Signpost'
  has_one :zither_integration, class_name: 'Integrations::Zither'

  has_one :import_data, class_name: 'ProjectImportData', inverse_of: :project

  def disabled_integrations
    %w[zither]
  end
end
